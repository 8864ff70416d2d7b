import type { SimulatedAccount } from '../account.ts';
import type { DbCluster, DbInstance } from '../services/rds/model.ts';
import { offsetMs } from './duration.ts';
import type { DatabasesSpec } from './spec.ts';

const createdAgoMs = 400 * 86_400_000;
const snapshotSecondsByDefault = 240;

/** Databases long in service, and the manual snapshots that exist of them. */
export function buildDatabases(account: SimulatedAccount, spec: DatabasesSpec): void {
  const { rds, clock } = account;
  const createdMs = clock.now() - createdAgoMs;
  if (spec.manualSnapshotQuota !== undefined) rds.snapshotQuota = spec.manualSnapshotQuota;
  const instance = (id: string, given: Partial<Omit<DbInstance, 'kind' | 'id'>>): void => {
    if (rds.instances.has(id)) throw new Error(`there are two database instances ${id}`);
    rds.instances.set(id, {
      kind: 'instance',
      id,
      engine: 'postgres',
      engineVersion: '16.4',
      multiAz: false,
      createdMs,
      status: 'available',
      snapshotSeconds: snapshotSecondsByDefault,
      snapshotFails: false,
      ...given,
    });
  };
  for (const { id, ...given } of spec.instances ?? []) instance(id, defined(given));
  for (const { id, members = [], ...given } of spec.clusters ?? []) {
    if (rds.clusters.has(id)) throw new Error(`there are two database clusters ${id}`);
    const cluster: DbCluster = {
      kind: 'cluster',
      id,
      engine: 'aurora-postgresql',
      engineVersion: '16.4',
      members,
      createdMs,
      status: 'available',
      snapshotSeconds: snapshotSecondsByDefault,
      snapshotFails: false,
      ...defined(given),
    };
    rds.clusters.set(id, cluster);
    const { engine, engineVersion } = cluster;
    for (const member of members) instance(member, { engine, engineVersion, cluster: id });
  }
  for (const { id, instance: ofInstance, cluster: ofCluster, at } of spec.snapshots ?? []) {
    const source = ofInstance === undefined ? rds.cluster(ofCluster ?? '') : rds.instance(ofInstance);
    const { kind, engine, engineVersion, snapshotSeconds: seconds } = source;
    const requestedMs = clock.now() + offsetMs(at);
    rds.addSnapshot({
      kind,
      id,
      source: source.id,
      engine,
      engineVersion,
      requestedMs,
      seconds,
      fails: false,
      tags: new Map(),
    });
  }
}

/** Without the keys that the scenario leaves out, so that the defaults hold. */
type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(given: T): Defined<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
