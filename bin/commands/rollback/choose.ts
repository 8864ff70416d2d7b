/** Lets a person at a terminal choose a version, where neither service nor version were given. */
import type { Release } from '../../../lib/domain/model.ts';
import { ask } from '../ask.ts';
import { releaseLines } from '../history/view.ts';
import type { Session } from './execute.ts';

const shown = 10;

/** Undefined for `previous`. */
export async function chooseVersion(session: Session, service: string): Promise<string | undefined> {
  const { account, installation, io, screen, json } = session;
  const releases: readonly Release[] = await account.table.releases(installation.table, service);
  screen.lines(['', ...releaseLines(releases.slice(0, shown), screen.style)]);
  const answer = await ask(io, json, '\nTo which version? Enter for the newest known good one before this:');
  return answer || undefined;
}
