/** Lets a person at a terminal choose a version, where neither service nor version were given. */

import type { ServicePointer } from '../../aws/parameters.ts';
import { ask } from '../ask.ts';
import { releaseLines } from '../history/view.ts';
import { readStandings } from '../standings.ts';
import type { Session } from './execute.ts';

const newest = 10;

/** Undefined for `previous`. */
export async function chooseVersion(session: Session, pointer: ServicePointer): Promise<string | undefined> {
  const { io, screen, json } = session;
  const { shown } = await readStandings(session, pointer);
  screen.lines(['', ...releaseLines(shown.slice(0, newest), screen.style)]);
  const answer = await ask(io, json, '\nTo which version? Enter for the newest known good one before this:');
  return answer || undefined;
}
