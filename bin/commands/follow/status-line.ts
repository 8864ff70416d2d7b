/** What is being waited for, in one line. Pure. */
import type { Plan } from '../../../lib/domain/model.ts';
import { span } from '../story/text.ts';
import type { HistoryReader } from './history.ts';

type Where = Pick<HistoryReader, 'standing' | 'context' | 'deadline' | 'progress' | 'planned' | 'actionId'>;

/** @param nowMs the account's time, milliseconds since the epoch */
export function statusLine(where: Where, plan: Plan | undefined, nowMs: number): string {
  const { standing, progress } = where;
  if (!standing) return 'Starting';
  const here = span(Math.max(0, nowMs - standing.enteredMs));
  if (standing.state === 'RequestApproval') {
    const left = standing.enteredMs + (where.planned?.approvalSeconds ?? 0) * 1_000 - nowMs;
    return `Waiting for an answer for ${here}, ${span(Math.max(0, left))} left`;
  }
  if (progress?.bakeUntil)
    return `Watching: ${span(Math.max(0, Date.parse(progress.bakeUntil) - nowMs))} of the bake to go`;
  return [`${standing.state} ${here}`, stepOf(where, plan), limitOf(where, nowMs)].filter(Boolean).join(', ');
}

function stepOf({ actionId }: Where, plan: Plan | undefined): string {
  const index = plan?.actions.findIndex(({ id }) => id === actionId) ?? -1;
  return plan && index >= 0 ? `step ${index + 1}/${plan.actions.length} ${plan.actions[index]?.type}` : '';
}

function limitOf({ deadline }: Where, nowMs: number): string {
  if (!deadline) return '';
  const leftMs = Date.parse(deadline) - nowMs;
  return leftMs > 0 ? `${span(leftMs)} to the time limit` : 'past the time limit';
}
