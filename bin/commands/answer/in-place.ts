/** Offers to answer an approval where the rollback is being watched. */
import { ask } from '../ask.ts';
import type { FollowOptions } from '../follow/follow.ts';
import { printable } from '../printable.ts';
import type { Session } from '../rollback/execute.ts';
import { sendAnswer } from './send.ts';

export function offerToAnswer({
  account,
  installation,
  io,
  screen,
  json,
}: Session): NonNullable<FollowOptions['onAsked']> {
  return async ({ history }, signal) => {
    const { context, planned } = history;
    if (!context || !planned) return;
    const typed = await ask(
      io,
      json,
      'Answer here? Type approve or decline; Enter leaves it to somebody else:',
      signal,
    );
    const decision = (['approve', 'decline'] as const).find((word) => word === typed?.toLowerCase());
    if (!decision) return;
    const reason = await ask(io, json, 'Why? (for the report)', signal);
    // Ctrl-C, or somebody else was faster.
    if (reason === undefined) return;
    const { rollbackId } = context;
    try {
      const said = await sendAnswer(
        account,
        installation,
        { rollbackId, planSha256: planned.planSha256 },
        { decision, reason },
      );
      screen.lines([printable(said)]);
    } catch (error) {
      screen.lines([printable(error instanceof Error ? error.message : String(error))]);
    }
  };
}
