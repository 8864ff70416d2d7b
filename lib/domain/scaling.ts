/**
 * Application Auto Scaling of an ECS service, and what of it rests while a rollback is under way.
 *
 * ECS itself keeps its policies from scaling in only while a deployment is under way. A rollback is longer: it measures
 * during the bake, when a service that failed fast (little work, little CPU) would lose tasks that its healthy release
 * needs; and a scheduled action may set other bounds, and with them the count, in the middle of it. Scaling out goes on:
 * more tasks never make users worse off, and the receiving side may need them.
 */
import type { GiveBackDecision, ScalingDebt } from './owed.ts';

export interface SuspendedState {
  readonly dynamicIn: boolean;
  readonly dynamicOut: boolean;
  readonly scheduled: boolean;
}

export interface ScalableTarget {
  /** `service/<cluster>/<name>` */
  readonly resource: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly suspended: SuspendedState;
}

/** What a rollback sets. */
export const suspendedFor = ({ dynamicOut }: SuspendedState): SuspendedState => ({
  dynamicIn: true,
  dynamicOut,
  scheduled: true,
});

/** Nothing rests that `set` lets go on. */
const withinState = (state: SuspendedState, set: SuspendedState): boolean =>
  (!state.dynamicIn || set.dynamicIn) && (!state.dynamicOut || set.dynamicOut) && (!state.scheduled || set.scheduled);

/**
 * What is owed to a service whose scaling stands at `live`: what rested before, but for the parts that a person has let go
 * on since. Undefined where a person has suspended more than the rollback did: then all of it is theirs.
 */
function owedState(
  { before, set }: Pick<ScalingDebt, 'before' | 'set'>,
  live: SuspendedState,
): SuspendedState | undefined {
  if (!withinState(live, set)) return undefined;
  return {
    dynamicIn: live.dynamicIn && before.dynamicIn,
    dynamicOut: live.dynamicOut && before.dynamicOut,
    scheduled: live.scheduled && before.scheduled,
  };
}

export const sameState = (a: SuspendedState, b: SuspendedState): boolean =>
  a.dynamicIn === b.dynamicIn && a.dynamicOut === b.dynamicOut && a.scheduled === b.scheduled;

/**
 * The debt of suspending; undefined where everything rests already and nothing is owed.
 *
 * @param open the debt of an earlier rollback that was not given back yet: what was before it is what is owed
 */
export function scalingDebt(
  target: ScalableTarget,
  open: ScalingDebt | undefined,
  facts: Pick<ScalingDebt, 'service' | 'rollbackId' | 'executionArn'> & { readonly now: string },
): ScalingDebt | undefined {
  const { service, rollbackId, executionArn, now } = facts;
  const set = suspendedFor(target.suspended);
  // Also this rollback's own debt, written by an attempt whose answer was lost.
  const inherited = open && owedState(open, target.suspended);
  const before = inherited ?? target.suspended;
  if (sameState(before, set)) return undefined;
  return {
    kind: 'scaling',
    resource: target.resource,
    service,
    rollbackId,
    executionArn,
    since: inherited && open?.rollbackId === rollbackId ? open.since : now,
    dueAt: now,
    before,
    set,
  };
}

/**
 * @param live undefined where Application Auto Scaling scales the service no more
 * @returns with the state to set, where there is one to give
 */
export function decideScaling(
  debt: ScalingDebt,
  live: ScalableTarget | undefined,
): GiveBackDecision & { readonly state?: SuspendedState } {
  const name = debt.resource;
  if (!live)
    return { kind: 'drop', message: `Application Auto Scaling no longer scales ${name}: nothing is owed to it.` };
  const state = owedState(debt, live.suspended);
  if (!state) {
    return {
      kind: 'drop',
      message: `Somebody has changed what of ${name} is suspended since ${debt.rollbackId}, to ${describe(live.suspended)}: that stays. Before, it was ${describe(debt.before)}.`,
    };
  }
  const asBefore = sameState(state, debt.before);
  if (sameState(live.suspended, state)) {
    const message = asBefore
      ? `Scaling of ${name} is as it was before the rollback already: ${describe(state)}.`
      : `Somebody has let scaling of ${name} go on since ${debt.rollbackId}, with ${describe(state)}: that stays. Before, it was ${describe(debt.before)}.`;
    return { kind: 'drop', message };
  }
  const message = asBefore
    ? `Scaling of ${name} is as it was before the rollback: ${describe(state)}.`
    : `Scaling of ${name} has ${describe(state)}: what was suspended before the rollback, but for what somebody has let go on since ${debt.rollbackId}.`;
  return { kind: 'give', message, state };
}

/** `scaling in and scheduled scaling suspended` */
export function describe({ dynamicIn, dynamicOut, scheduled }: SuspendedState): string {
  const parts = [
    ...(dynamicIn ? ['scaling in'] : []),
    ...(dynamicOut ? ['scaling out'] : []),
    ...(scheduled ? ['scheduled scaling'] : []),
  ];
  return parts.length === 0 ? 'nothing suspended' : `${parts.join(' and ')} suspended`;
}
