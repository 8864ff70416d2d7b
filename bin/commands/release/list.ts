import { neverRecorded } from '../../../lib/domain/registration.ts';
import { type Arguments, exit, type Io } from '../command.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { readStandings } from '../standings.ts';
import { shortArn, wrap } from '../story/text.ts';
import { detailLines } from './view.ts';

/** So many are shown without --all. */
const newest = 5;

export async function list({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const pointer = await findService(account, installation, positionals[0], { json, io });
  const { service } = pointer;
  const { shown, releases, registrations } = await readStandings(session, pointer);
  const wanted = flags.kept ? shown.filter(({ kept }) => kept) : shown;
  const some = flags.all || flags.kept ? wanted : wanted.slice(0, newest);
  const waiting = neverRecorded(service, releases, registrations);
  if (json) {
    const document = { service, environment: installation.environment, releases: some, registeredOnly: waiting };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return exit.good;
  }
  const more = wanted.length - some.length;
  screen.lines([
    screen.style.bold(`Releases of ${service}, newest first (UTC):`),
    ...detailLines(some, screen.style),
    ...(more > 0 ? [`  and ${more} more: --all shows them`] : []),
    ...waiting.flatMap(({ taskDefinition, side, deployedAt }) =>
      wrap(
        `${shortArn(taskDefinition)} of ${side} was registered at ${deployedAt} and has not been seen in service.`,
        2,
        '  ',
      ),
    ),
  ]);
  return exit.good;
}
