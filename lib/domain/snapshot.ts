/** The database's snapshot: its name, its place in the plan, and how far it is. */
import type { DatabaseFacts, SnapshotSource } from './database.ts';
import { secondsBetween } from './elapsed.ts';
import type { Policy, StartSnapshotAction } from './model.ts';
import { snapshotPrefix as prefix } from './names.ts';

/** Cluster snapshots have the shorter limit: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html */
const longestName = 63;

/**
 * The same on every attempt of one rollback, and valid for instances and clusters alike: lower case, no two hyphens in a
 * row, at most 63 characters. A long service name is cut, never the time and hash at the id's end.
 *
 * @example snapshotName('checkout-20261120-030405-1f2e3d') // 'backstep-checkout-20261120-030405-1f2e3d'
 */
export function snapshotName(rollbackId: string): string {
  const words = rollbackId.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stamp = words.slice(-3).join('-');
  const room = longestName - prefix.length - stamp.length - 2;
  const service = words.slice(0, -3).join('-').slice(0, room).replace(/-$/, '');
  return [prefix, service, stamp].filter((part) => part !== '').join('-');
}

/** First of the plan, so that what follows can be looked at against what was. */
export function snapshotAction(
  { source }: Pick<DatabaseFacts, 'source'>,
  rollbackId: string,
  policy: Pick<Policy, 'backup' | 'awaitBackup'>,
): Omit<StartSnapshotAction, 'id'> {
  const required = policy.backup === 'required';
  const awaited = 'policy.awaitBackup: nothing changes before it is available.';
  const accepted = 'RDS must accept it before anything changes; its progress is followed during the bake.';
  const preferred = 'RDS is asked before anything changes; if it refuses, the rollback goes on.';
  return {
    type: 'StartSnapshot',
    description: `Take snapshot ${snapshotName(rollbackId)} of ${source.kind} ${source.id}`,
    reason: `policy.backup is "${policy.backup}". ${policy.awaitBackup ? awaited : required ? accepted : preferred}`,
    forward: { kind: source.kind, source: source.id, snapshot: snapshotName(rollbackId) },
    reverse: null,
    required,
    awaits: policy.awaitBackup,
  };
}

// ---------------------------------------------------------------- on its way

export interface SnapshotView {
  readonly id: string;
  readonly arn: string;
  readonly source: SnapshotSource;
  /** As RDS names it: `creating`, `available`, `failed`, … */
  readonly status: string;
  /** 0..100 */
  readonly percent: number;
  /** When it was taken, ISO 8601; absent until RDS says so. */
  readonly takenAt?: string;
  /** The last transaction in it, ISO 8601; RDS has it for instances only. */
  readonly databaseTime?: string;
}

/** What looking for the snapshot gave. */
export type SnapshotReading =
  | { readonly kind: 'found'; readonly view: SnapshotView }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problem: string };

export interface SnapshotProgress {
  /** `unknown` where RDS could not be asked. */
  readonly status: 'creating' | 'available' | 'failed' | 'unknown';
  /** It takes longer than policy.snapshotMinutes. */
  readonly late: boolean;
  /** One sentence. */
  readonly message: string;
}

/** @param since when it was asked for, ISO 8601: what counts where RDS does not say when it was taken */
export function judgeSnapshot(
  action: StartSnapshotAction,
  reading: SnapshotReading,
  times: { readonly since: string; readonly now: string; readonly snapshotMinutes: number },
): SnapshotProgress {
  const { snapshot } = action.forward;
  const began = (reading.kind === 'found' && reading.view.takenAt) || times.since;
  const minutes = Math.floor(secondsBetween(began, times.now) / 60);
  const late = minutes >= times.snapshotMinutes;
  const limit = late ? ` That is longer than the ${times.snapshotMinutes} min of policy.snapshotMinutes.` : '';
  if (reading.kind === 'missing') {
    return { status: 'failed', late: false, message: `RDS has no snapshot ${snapshot}: it was refused or deleted.` };
  }
  if (reading.kind === 'unreadable') {
    const message = `RDS could not be asked about snapshot ${snapshot} (${reading.problem}).${late ? ` It was begun ${minutes} min ago.${limit}` : ''}`;
    return { status: 'unknown', late, message };
  }
  const { status, percent } = reading.view;
  if (status === 'available') return { status, late: false, message: `Snapshot ${snapshot} is available.` };
  if (underWay.includes(status)) {
    const message = `Snapshot ${snapshot} is ${status}, ${percent} % after ${minutes} min.${limit}`;
    return { status: 'creating', late, message };
  }
  return { status: 'failed', late: false, message: `Snapshot ${snapshot} is ${status}, at ${percent} %.` };
}

const underWay: readonly string[] = ['creating', 'pending', 'modifying', 'copying'];

/** Whether nothing more can become of it. */
export const isOver = ({ status }: SnapshotProgress): boolean => status === 'available' || status === 'failed';
