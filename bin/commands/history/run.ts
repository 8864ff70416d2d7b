import { type Arguments, exit, type Io } from '../command.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { readStandings } from '../standings.ts';
import { releaseLines, rollbackLines } from './view.ts';

/** So many of each are shown without --all. */
const newest = 5;

export async function showHistory({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const pointer = await findService(account, installation, positionals[0], { json, io });
  const { service } = pointer;
  const [{ shown: releases }, rollbacks] = await Promise.all([
    readStandings(session, pointer),
    account.table.rollbacks(installation.table, service),
  ]);
  const some = <T>(items: readonly T[]): readonly T[] => (flags.all ? items : items.slice(0, newest));
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
    items.length > some(items).length ? [`  and ${items.length - newest} more: --all shows them`] : [];
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
