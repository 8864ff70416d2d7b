/** The ledger of a service with how each record stands: for the commands that show it. */
import type { Release, ServiceConfiguration } from '../../lib/domain/model.ts';
import type { Ledger } from '../../lib/domain/registration.ts';
import { releaseKey } from '../../lib/domain/registration.ts';
import { type Standing, standingOf } from '../../lib/domain/releases.ts';
import { keptReleases } from '../../lib/domain/retention.ts';
import type { ServicePointer } from '../aws/parameters.ts';
import type { Session } from './rollback/execute.ts';

/** A record of the ledger, as the commands show and print it. */
export interface ShownRelease extends Release {
  readonly standing: Standing;
  /** Where the standing comes from. */
  readonly evidence: string;
  /** It stays in the ledger however old it becomes: its images have to stay as well. */
  readonly kept: boolean;
}

export interface Standings extends Ledger {
  readonly configuration: ServiceConfiguration;
  /** Newest first. */
  readonly shown: readonly ShownRelease[];
}

export async function readStandings(
  { account, installation }: Session,
  { service, configurationKey }: ServicePointer,
): Promise<Standings> {
  const { table, bucket } = installation;
  const [ledger, rollbacks, configuration] = await Promise.all([
    account.table.ledger(table, service),
    account.table.rollbacks(table, service),
    account.documents.configuration(bucket, configurationKey),
  ]);
  const { bakeMinutes } = configuration.policy;
  const now = new Date(account.clock.now()).toISOString();
  const facts = { ledger: ledger.releases, rollbacks, bakeMinutes, now };
  const kept = new Set(keptReleases(facts).map(releaseKey));
  const shown = ledger.releases.map((release) => {
    const { standing, evidence } = standingOf(release, facts);
    return { ...release, standing, evidence, kept: kept.has(releaseKey(release)) };
  });
  return { ...ledger, configuration, shown };
}
