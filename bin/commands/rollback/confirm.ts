/** Shows the plan of a dry run and asks, before anything is started for real. */
import type { Json, Plan } from '../../../lib/domain/model.ts';
import { productionPhrase } from '../../../lib/domain/names.ts';
import { ask } from '../ask.ts';
import type { Ending } from '../follow/ending.ts';
import { actionLines, planLines } from '../story/plan-lines.ts';
import { wrap } from '../story/text.ts';
import { type Carry, conclude, type Session } from './execute.ts';

export interface DryRun {
  readonly ending: Ending;
  readonly plan: Plan | undefined;
}

/** Plans without changing anything, and shows what came of it. */
export async function dryRun(session: Session, input: { [key: string]: Json }, carry: Carry): Promise<DryRun> {
  const { confirm: _confirm, ...rest } = input;
  const followed = await carry({ ...rest, dryRun: true }, { quiet: true });
  const ending = conclude(session, followed);
  const { plan } = followed;
  const { style } = session.screen;
  session.screen.lines([
    ...(plan ? [...planLines(plan, style), ...actionLines(plan, style)] : ['']),
    ...(ending.outcome === 'ready' ? [] : wrap(`${ending.outcome ?? ending.status}: ${ending.reason}`, 0)),
  ]);
  return { ending, plan };
}

/** In production the phrase, elsewhere a yes. False for anything else that is typed. */
export async function confirmed({ io, json }: Session, plan: Plan | undefined, production: boolean): Promise<boolean> {
  const what = `Roll ${plan?.service ?? ''} back to ${plan?.target?.version ?? 'the target'}?`;
  if (production) return (await ask(io, json, `\n${what} Type ${productionPhrase} to start it:`)) === productionPhrase;
  return /^y(es)?$/i.test((await ask(io, json, `\n${what} [y/N]`)) ?? '');
}
