/** What is said of something that a task definition needs. */
import type { Need, NeedFacts } from '../../lib/domain/needs.ts';

export type Answer = Omit<NeedFacts, keyof Need>;

/** @param why a sentence */
export const gone = (why: string): Answer => ({ found: 'gone', why });

/** @param why a sentence */
export const notChecked = (why: string): Answer => ({ found: 'not checked', why });

/** That something cannot be read is an answer: it hinders no rollback. */
export const unread = (who: string, error: unknown): Answer =>
  notChecked(`${who} did not answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);

export const named = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
