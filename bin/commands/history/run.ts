import { type Arguments, exit, type Io } from '../command.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { releaseLines, rollbackLines } from './view.ts';

/** So many of each are shown without --all. */
const shown = 5;

export async function showHistory({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const { account, installation, screen, json } = await openSession(flags, io);
  const { service } = await findService(account, installation, positionals[0], { json, io });
  const [releases, rollbacks] = await Promise.all([
    account.table.releases(installation.table, service),
    account.table.rollbacks(installation.table, service),
  ]);
  const some = <T>(items: readonly T[]): readonly T[] => (flags.all ? items : items.slice(0, shown));
  if (json) {
    const document = {
      service,
      environment: installation.environment,
      releases: some(releases),
      rollbacks: some(rollbacks),
    };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return exit.good;
  }
  const { style } = screen;
  const more = (items: readonly unknown[]): string[] =>
    items.length > some(items).length ? [`  and ${items.length - shown} more: --all shows them`] : [];
  screen.lines([
    style.bold(`Releases of ${service}, newest first (UTC):`),
    ...releaseLines(some(releases), style),
    ...more(releases),
    '',
    style.bold('Rollbacks:'),
    ...rollbackLines(some(rollbacks), style),
    ...more(rollbacks),
  ]);
  return exit.good;
}
