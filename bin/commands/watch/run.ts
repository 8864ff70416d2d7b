import { type Arguments, exit, type Io, UsageError } from '../command.ts';
import { watchDirect } from '../direct/watch.ts';
import { executionOf } from '../execution-of.ts';
import { findRollback } from '../find-rollback.ts';
import { conclude, tellEnding, watchLive } from '../rollback/execute.ts';
import { openSession } from '../rollback/run.ts';

/** A rollback that has ended is told from its beginning to its end, as if one had watched. */
export async function watchRollback({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const meant = await findRollback(session, positionals[0]);
  if (meant.executionArn === undefined) {
    session.screen.lines([`${meant.service} was never rolled back, and nothing is under way.`]);
    if (session.json) io.stdout.write('null\n');
    return exit.good;
  }
  const known = await executionOf(session, meant.executionArn);
  if (known?.direct) return tellEnding(session, conclude(session, await watchDirect(session, meant.executionArn)));
  if (!known) throw new UsageError(`Step Functions has no execution ${meant.executionArn}: it keeps them for 90 days.`);
  session.screen.lines([`Execution ${meant.executionArn}`]);
  return tellEnding(session, conclude(session, await watchLive(session, meant.executionArn)));
}
