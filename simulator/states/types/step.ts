import type { Json } from '../../../lib/domain/model.ts';
import type { Random } from '../../random.ts';
import type { Template } from '../definition.ts';
import type { History } from '../history.ts';
import type { TaskResource } from '../resource.ts';
import type { CallbackTask } from '../task-tokens.ts';
import type { Reserved, Visit } from '../visit.ts';

/** What a state may do to the execution it belongs to. */
export interface Surroundings {
  readonly history: History;
  readonly random: Random;
  /** What the state's `Resource` calls. */
  resource(): TaskResource;
  /** A new token for one attempt. */
  issueToken(): CallbackTask;
  /** Milliseconds since the epoch, virtual. */
  now(): number;
  sleep(ms: number): Promise<void>;
  after(ms: number, run: () => void): { cancel(): void };
  /** `promise`, as long as the execution runs: one that is over never goes on. */
  whileRunning<T>(promise: Promise<T>): Promise<T>;
  countTransition(): void;
}

/** How a state ended: what it hands on, what it assigns, where it leads. No `next` ends the execution. */
export interface Step {
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>>;
  readonly next: string | undefined;
}

interface Leaving {
  readonly Assign?: { readonly [variable: string]: Template };
  readonly Output?: Template;
}

/** Evaluates `Assign` and `Output`, both over the variables as they were before the state. */
export async function leave(
  visit: Visit,
  fields: Leaving,
  fallback: Json,
  next: string | undefined,
  extra: Partial<Reserved> = {},
  prefix = '',
): Promise<Step> {
  const assigned: Record<string, Json> = {};
  for (const [name, template] of Object.entries(fields.Assign ?? {})) {
    assigned[name] = await visit.evaluate(template, `${prefix}Assign/${name}`, extra);
  }
  const output = fields.Output === undefined ? fallback : await visit.evaluate(fields.Output, `${prefix}Output`, extra);
  return { output, assigned, next };
}
