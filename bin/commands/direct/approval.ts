/** Where a plan needs a yes and no Step Functions waits for it, the person at the terminal is asked. */
import type { Plan } from '../../../lib/domain/model.ts';
import type { ApprovalAnswer } from '../../../lib/domain/states.ts';
import { ask, isInteractive } from '../ask.ts';
import type { FollowOptions } from '../follow/follow.ts';
import type { Session } from '../rollback/execute.ts';
import { actionLines } from '../story/plan-lines.ts';

export interface AskingOptions {
  readonly session: Session;
  /** Given with `--approve` and `--reason`: nobody is asked. */
  readonly given?: { readonly reason: string };
  /** Who runs the command, as AWS names them. */
  readonly by: string;
  /** Hands the answer to the state that waits. @throws where it no longer does */
  readonly answer: (answer: ApprovalAnswer) => Promise<void>;
}

type Decided = { readonly decision: 'approve' | 'decline'; readonly reason: string };

export function askAtTerminal({ session, given, by, answer }: AskingOptions): NonNullable<FollowOptions['onAsked']> {
  return async ({ plan, history }, signal) => {
    const { planned } = history;
    if (!planned) return;
    const decided = given ? { decision: 'approve' as const, ...given } : await decide(session, plan, signal);
    // Ctrl-C, or the time to answer is over.
    if (!decided) return;
    const answeredAt = new Date(session.account.clock.now()).toISOString();
    const { planSha256 } = planned;
    try {
      await answer({ ...decided, by, proven: false, at: 'terminal', answeredAt, planSha256 });
    } catch (error) {
      session.screen.lines([`The answer came too late: ${error instanceof Error ? error.message : String(error)}`]);
    }
  };
}

async function decide(session: Session, plan: Plan | undefined, signal: AbortSignal): Promise<Decided | undefined> {
  const { io, json, screen } = session;
  if (!isInteractive(io, json)) return { decision: 'decline', reason: nobodyToAsk };
  if (plan) screen.lines(['', ...actionLines(plan, screen.style)]);
  for (;;) {
    const typed = await ask(io, json, '\nType approve to carry this plan out, or decline:', signal);
    if (typed === undefined) return undefined;
    const decision = (['approve', 'decline'] as const).find((word) => word === typed.toLowerCase());
    if (!decision) continue;
    const reason = await ask(io, json, 'Why? (for the report)', signal);
    return reason === undefined ? undefined : { decision, reason };
  }
}

const nobodyToAsk =
  'nobody could be asked: rollback --direct has no terminal here, and was not given --approve with a --reason';
