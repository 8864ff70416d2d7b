import type { Release, ReleaseMark } from '../../../lib/domain/model.ts';
import { nameOf } from '../../../lib/domain/releases.ts';
import { stamp } from '../../../lib/domain/sweep.ts';
import { findNamed } from '../../../lib/domain/target.ts';
import { type Arguments, exit, type Io, UsageError } from '../command.ts';
import { findService } from '../installed.ts';
import { printable } from '../printable.ts';
import { openSession } from '../rollback/run.ts';
import { readStandings, type Standings } from '../standings.ts';
import { wrap } from '../story/text.ts';
import { unitOf } from './register.ts';

/** For one line of a report. */
const longestReason = 500;

export async function mark({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const [named, name = '', word = ''] = positionals;
  const status = statusOf(word);
  const reason = reasonOf(flags.reason);
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const pointer = await findService(account, installation, named, { json, io });
  const { service } = pointer;
  const found = meant(await readStandings(session, pointer), name, flags.side);
  const at = new Date(account.clock.now()).toISOString();
  const said: ReleaseMark = { status, by: await account.identity.arn(), reason, at };
  const lines: string[] = [];
  for (const release of found) {
    await account.releaseNotes.mark(installation.table, release, said);
    const message = `${nameOf(release)} of ${release.side} is ${status}, says ${said.by}: ${reason}`;
    const rollbackId = `${service}-${stamp(at)}-mark-${release.side}`;
    const data = { release: release.taskDefinition, was: release.status, status, by: said.by };
    await account.releaseNotes.note(installation.table, {
      time: at,
      service,
      rollbackId,
      kind: `release.${status}`,
      message,
      data,
    });
    lines.push(
      ...wrap(printable(`${nameOf(release)} of ${release.side} is ${status} from now on: ${consequences[status]}`), 0),
    );
  }
  screen.lines([...lines, `See the ledger: npx backstep release list ${service}`]);
  if (json) {
    const document = {
      service,
      environment: installation.environment,
      marked: found.map((one) => ({ ...one, status, marked: said })),
    };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return exit.good;
}

const consequences = {
  good: 'a rollback to "previous" may go to it, where it is the newest such release.',
  bad: 'a rollback to "previous" does not go to it. Who names it gets it, with a warning.',
} as const;

function statusOf(word: string): 'good' | 'bad' {
  if (word === 'good' || word === 'bad') return word;
  throw new UsageError(`Found "${word}"; allowed: good or bad, as in backstep release mark SERVICE RELEASE good.`);
}

function reasonOf(found: unknown): string {
  const reason = String(found ?? '').trim();
  if (reason === '')
    throw new UsageError('Say why with --reason "...": it stays with the release. Nothing was marked.');
  if (reason.length > longestReason)
    throw new UsageError(`--reason: found ${reason.length} characters; allowed: at most ${longestReason}.`);
  return reason;
}

/** Of each side the newest record of that name: a version may be on two sides. */
function meant({ configuration, releases, shown }: Standings, name: string, side: unknown): Release[] {
  const sides = side === undefined ? [...new Set(releases.map((one) => one.side))] : [unitOf(configuration, side).name];
  const found = sides.flatMap((one) => {
    const own = releases.filter((release) => release.side === one).map((release) => ({ release }));
    return own[0] ? (findNamed(name, own[0].release, own)?.release ?? []) : [];
  });
  if (found.length > 0) return found;
  const known = shown.slice(0, 5).map((release) => `${nameOf(release)}, ${release.standing}`);
  throw new UsageError(
    `The ledger has no release "${name}"${side === undefined ? '' : ` of ${side}`}. ` +
      (known.length > 0 ? `Newest are ${[...new Set(known)].join('; ')}.` : 'It has none at all yet.'),
  );
}
