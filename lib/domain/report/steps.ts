/** The plan's actions as the timeline saw them. */
import { inWords, secondsBetween } from '../elapsed.ts';
import type { Action, Json, TimelineEntry } from '../model.ts';
import type { ReportFacts } from './facts.ts';

export interface Step {
  readonly action: Action;
  readonly result: 'done' | 'already there' | 'failed' | 'not finished' | 'not started';
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** `1 min 20 s`; absent while it has no end. */
  readonly duration?: string;
  /** The last thing said about it. */
  readonly message: string;
}

export function stepsOf({ plan, timeline }: Pick<ReportFacts, 'plan' | 'timeline'>): Step[] {
  return (plan?.actions ?? []).map((action) =>
    stepOf(
      action,
      timeline.filter((entry) => actionId(entry) === action.id),
    ),
  );
}

function stepOf(action: Action, entries: readonly TimelineEntry[]): Step {
  const applied = entries.find((entry) => entry.kind.startsWith('action.'));
  if (!applied) return { action, result: 'not started', message: action.description };
  const last = entries.at(-1) ?? applied;
  const over = ['check.done', 'check.failed', 'action.refused'].includes(last.kind);
  return {
    action,
    result: resultOf(applied, last),
    startedAt: applied.time,
    ...(over && { endedAt: last.time, duration: inWords(secondsBetween(applied.time, last.time)) }),
    message: last === applied ? applied.message : `${applied.message} ${last.message}`,
  };
}

function resultOf(applied: TimelineEntry, last: TimelineEntry): Step['result'] {
  if (last.kind === 'check.failed' || last.kind === 'action.refused') return 'failed';
  if (last.kind !== 'check.done') return 'not finished';
  return applied.kind === 'action.unchanged' ? 'already there' : 'done';
}

export function actionId({ data }: TimelineEntry): Json | undefined {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data.actionId : undefined;
}
