/**
 * A rollback that a person's command carries out itself, because Step Functions does not: `backstep rollback --direct`.
 * It has no execution that could be asked about, so it writes down that it lives, and whoever asks reads that.
 */
import type { OwnerStatus } from './lock.ts';
import type { Json } from './model.ts';
import type { DeadExecution, Traces } from './reap.ts';

/** How often the command writes that it lives, seconds. */
export const heartbeatSeconds = 20;

/** Silent for so long it is dead: four heartbeats may get lost. Seconds. */
export const silenceSeconds = 90;

/** What the command writes down of itself, with every heartbeat anew. Times are ISO 8601. */
export interface DirectRun {
  readonly startedAt: string;
  readonly heartbeatAt: string;
  /** As Step Functions would call it. */
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly endedAt?: string;
  /** Who runs it, as AWS names them. */
  readonly by: string;
  /** JSON text. */
  readonly input: string;
  /** The state that was entered last. */
  readonly state?: string;
  readonly enteredAt?: string;
  /** What its states assigned, as far as whoever takes it up needs it. */
  readonly variables: Readonly<Record<string, Json>>;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface DirectName {
  readonly name: string;
  readonly service: string;
}

/** Sort key of a run's item, under its service. */
export const directKey = (name: string): string => `DIRECT#${name}`;

/**
 * What stands where the ARN of an execution would: nothing of that name is in Step Functions.
 *
 * @param stamp `20261120-030405`
 * @param id eight hexadecimal digits that no other run has
 */
export function directArn(stateMachineArn: string, service: string, stamp: string, id: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:direct-${service}-${stamp}-${id}`;
}

/** Undefined for an ordinary execution. One that a person named like this has no item, and is asked about as any other. */
export function readDirectArn(executionArn: string): DirectName | undefined {
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const service = /^direct-(.+)-\d{8}-\d{6}-[0-9a-f]{8}$/.exec(name)?.[1];
  return service === undefined ? undefined : { name, service };
}

/** Whether a run still lives: as it says itself, and dead once it has been silent for too long. */
export function directStatus(run: DirectRun, now: string): OwnerStatus {
  const { status, endedAt, heartbeatAt } = run;
  if (status !== 'RUNNING') return { status, stoppedAt: endedAt ?? heartbeatAt };
  const deadAt = Date.parse(heartbeatAt) + silenceSeconds * 1_000;
  return Date.parse(now) < deadAt
    ? { status: 'RUNNING' }
    : { status: 'ABORTED', stoppedAt: new Date(deadAt).toISOString() };
}

/** A run as Step Functions would describe an execution. */
export function describeDirect(executionArn: string, run: DirectRun, now: string): DeadExecution {
  const { status, stoppedAt } = directStatus(run, now);
  const { startedAt, input, error } = run;
  const cause = run.cause ?? (status === 'ABORTED' ? silent(run) : undefined);
  return {
    executionArn,
    status,
    startedAt,
    input,
    ...(stoppedAt !== undefined && { stoppedAt }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

const silent = ({ by, heartbeatAt }: DirectRun): string =>
  `the command of ${by} that carried it out gave its last sign of life at ${heartbeatAt}`;

/** Where a run was and what it knew, as its history would tell of an execution. */
export function directTraces({ state, enteredAt, variables }: DirectRun): Traces {
  return { variables, ...(state !== undefined && { last: { state, enteredAt: enteredAt ?? '' } }) };
}

/** Variables of the state machine that are kept: Reap needs no others, and an item holds 400 KB. */
export const keptVariables = ['context', 'outcome', 'reason', 'verdict', 'failure'] as const;

/** Of everything that states assigned, what is written down. */
export function kept(variables: Readonly<Record<string, Json>>): Record<string, Json> {
  const own = Object.fromEntries(
    keptVariables.flatMap((name) => (name in variables ? [[name, variables[name] as Json] as const] : [])),
  );
  const { plan } = variables;
  if (typeof plan !== 'object' || plan === null || Array.isArray(plan)) return own;
  const { planKey = null, checkpointKey = null } = plan;
  return { ...own, plan: { planKey, checkpointKey } };
}

/** The sentence about a run that died with the lock; undefined while its last Lambda may still be running. */
export function abandonedDirectly(
  owner: { readonly executionArn: string; readonly rollbackId: string },
  status: OwnerStatus,
): string | undefined {
  if (!readDirectArn(owner.executionArn) || status.status === 'RUNNING') return undefined;
  return (
    `Rollback ${owner.rollbackId} was carried out directly, by a person's command, and that ended ${status.status} at ` +
    `${status.stoppedAt ?? 'an unknown time'} without giving its lock back. The reap machine takes it up; the next start takes the lock over.`
  );
}
