/** What it means that RDS refuses a snapshot: the cause, and what a person can do about it. */
import type { StartSnapshotAction } from './model.ts';
import type { SnapshotReading } from './snapshot.ts';

export type RefusalCause =
  | 'quota'
  | 'state'
  | 'missing'
  | 'member'
  | 'exists'
  | 'not-allowed'
  | 'unreachable'
  | 'other';

export interface Refusal {
  readonly cause: RefusalCause;
  /** The error's name and message, as AWS words them. */
  readonly words: string;
}

/** What an error of a snapshot call means, by the name that the SDK gives it. */
export function refusalOf(error: unknown): Refusal {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const cause = causes.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  const member = name === 'InvalidParameterValue' && /member of a cluster/i.test(message);
  return { cause: member ? 'member' : cause, words: `${name}: ${message}` };
}

/** Modelled errors keep AWS's suffix `Fault` in the SDK; codes that no client models travel as they are. */
const causes: readonly (readonly [RegExp, RefusalCause])[] = [
  [/^SnapshotQuotaExceeded/, 'quota'],
  [/^InvalidDB(?:Instance|Cluster|ClusterSnapshot)State/, 'state'],
  [/^DB(?:Instance|Cluster)NotFound/, 'missing'],
  [/^DB(?:Cluster)?SnapshotAlreadyExists/, 'exists'],
  [/^(?:AccessDenied|NotAuthorized|UnauthorizedOperation|KMSKeyNotAccessible)/, 'not-allowed'],
  [
    /^(?:Timeout|Throttl|RequestLimitExceeded|Internal|ServiceUnavailable|ECONN|ENOTFOUND|EAI_AGAIN|AbortError)/,
    'unreachable',
  ],
];

/**
 * Whether the snapshot is there in spite of the refusal. A call whose answer got lost is repeated, and is then refused
 * for its name or, since the first one keeps the database busy, for its state.
 */
export function isOurs({ forward }: StartSnapshotAction, reading: SnapshotReading, { cause }: Refusal): boolean {
  // The name holds the rollback's id: nobody else makes such a one, least of all of this database.
  if (reading.kind === 'unreadable') return cause === 'exists';
  if (reading.kind === 'missing') return false;
  const { source } = reading.view;
  return source.kind === forward.kind && source.id.toLowerCase() === forward.source.toLowerCase();
}

/** What was refused, why, and what a person can do about it. */
export function refusalMessage(action: StartSnapshotAction, { cause, words }: Refusal): string {
  const { kind, source, snapshot } = action.forward;
  const then = action.required
    ? 'policy.backup is "required", so nothing was changed. To roll back without a snapshot, start with "backup": false.'
    : 'policy.backup is "preferred", so the rollback goes on without it.';
  return `Snapshot ${snapshot} of ${kind} ${source} was refused: ${explained(action, cause)} ${then} RDS: ${words}`;
}

function explained({ forward: { kind, source } }: StartSnapshotAction, cause: RefusalCause): string {
  switch (cause) {
    case 'quota':
      return `the account has as many manual ${kind} snapshots as it may have. Delete some, or have AWS raise the quota.`;
    case 'state':
      return `the ${kind} is not available: another backup, a change or full storage. Wait until it is, and start again.`;
    case 'missing':
      return `RDS knows no such ${kind} in this account and region. Correct the service's "database".`;
    case 'member':
      return `${source} is a member of a cluster. Name the cluster in the service's "database".`;
    case 'exists':
      return 'its name is taken by a snapshot of something else.';
    case 'not-allowed':
      return "Backstep's role may not take it, or not use the database's key. Look for a policy that denies it.";
    case 'unreachable':
      return 'RDS did not answer in time.';
    case 'other':
      return 'RDS did not accept it.';
  }
}
