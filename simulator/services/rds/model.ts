/** What RDS keeps about databases and their snapshots, and how a snapshot comes along. */

export type DatabaseKind = 'instance' | 'cluster';

interface Database {
  /** Stored in lower case, as RDS does. */
  readonly id: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly createdMs: number;
  /** As it was set from outside; what RDS shows may be `backing-up` instead. */
  status: string;
  /** How long a snapshot that starts now will take. */
  snapshotSeconds: number;
  /** A snapshot that starts now will fail half way. */
  snapshotFails: boolean;
}

export interface DbInstance extends Database {
  readonly kind: 'instance';
  readonly multiAz: boolean;
  /** The cluster that it is a member of. */
  readonly cluster?: string;
}

export interface DbCluster extends Database {
  readonly kind: 'cluster';
  /** Identifiers of its instances; the first one writes. */
  readonly members: readonly string[];
}

/** A manual snapshot. */
export interface Snapshot {
  readonly kind: DatabaseKind;
  readonly id: string;
  /** Identifier of the database that it was made of, which may be gone. */
  readonly source: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly requestedMs: number;
  readonly seconds: number;
  readonly fails: boolean;
  tags: ReadonlyMap<string, string>;
}

/** From the request until RDS has the point in time that the snapshot shows; from then on it only copies. */
const takenAfterMs = 4_000;

export interface Progress {
  readonly status: 'creating' | 'available' | 'failed';
  readonly percent: number;
  /** When the snapshot was taken, once it is. */
  readonly takenMs: number | undefined;
}

/** How far a snapshot is. One that fails does so half way. */
export function progressOf(snapshot: Snapshot, nowMs: number): Progress {
  const wholeMs = snapshot.seconds * 1000;
  const elapsedMs = nowMs - snapshot.requestedMs;
  const taken = snapshot.requestedMs + Math.min(takenAfterMs, wholeMs / 2);
  const takenMs = nowMs >= taken ? taken : undefined;
  if (snapshot.fails && elapsedMs >= wholeMs / 2) return { status: 'failed', percent: 50, takenMs };
  if (elapsedMs >= wholeMs) return { status: 'available', percent: 100, takenMs };
  return { status: 'creating', percent: Math.floor((elapsedMs / wholeMs) * 100), takenMs };
}
