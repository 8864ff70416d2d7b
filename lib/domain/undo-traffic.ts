/** Whether the traffic of a rollback that stopped goes back to where it was. */
import type { RuleWeights, ShiftTrafficAction } from './model.ts';
import { sameWeights } from './standing.ts';
import { describeWeights, gainingGroups, receivingGroups, requiredTargets, type TargetHealth } from './traffic.ts';
import { tooFewTargets } from './traffic-check.ts';
import { type CompensationFacts, failedCheck, type Judgement, wasUndone } from './undo.ts';

/** ELBv2 applies weights within seconds. */
const lookAgainSeconds = 5;

/** @param shifts the steps that were done, and the one that was begun, in the plan's order */
export function judgeTrafficUndo(
  facts: Pick<CompensationFacts, 'plan' | 'standing' | 'timeline'>,
  shifts: readonly ShiftTrafficAction[],
): Judgement {
  const [first] = shifts;
  const last = shifts.at(-1);
  if (!first || !last) return left('');
  const before = first.reverse;
  const stages = [before, ...shifts.map(({ forward }) => forward)];
  const theirs = before.find((rule) => !stages.some((stage) => stands(facts, stage, rule.rule)));
  if (theirs) return left(leftToThem(facts, theirs.rule));
  if (before.every(({ rule }) => stands(facts, before, rule))) {
    return left(wasUndone(facts.timeline, last) ? 'The traffic was put back.' : '');
  }

  const required = requiredTargets(facts.plan.current.map(({ desiredCount }) => desiredCount));
  const worse = whyWorse(facts, first, last, required);
  const weak = tooFewTargets(healthOf(facts, receivingGroups(before)), required);
  if (!worse) {
    return left(`The traffic stays where it is: nothing measured says that users were better off before.`);
  }
  if (weak)
    return left(`The traffic stays where it is although ${lower(worse)} Where it was, nobody could serve it: ${weak}`);
  return {
    kind: 'undo',
    undo: { kind: 'weights', action: last, to: before },
    waitSeconds: lookAgainSeconds,
    message: `The traffic goes back to ${before.map(({ weights }) => describeWeights(weights)).join(' and ')}: ${worse}`,
  };
}

/** The evidence: what receives lacks healthy targets now, or its gate has found it not healthy enough. */
function whyWorse(
  facts: Pick<CompensationFacts, 'standing' | 'timeline'>,
  first: ShiftTrafficAction,
  last: ShiftTrafficAction,
  required: number,
): string | undefined {
  const gaining = gainingGroups({ forward: last.forward, reverse: first.reverse });
  const weak = tooFewTargets(healthOf(facts, gaining), required);
  if (weak) return weak;
  return last.gate && failedCheck(facts.timeline, last);
}

const stands = (
  { standing }: Pick<CompensationFacts, 'standing'>,
  stage: readonly RuleWeights[],
  rule: string,
): boolean => {
  const live = standing.rules.find((one) => one.rule === rule);
  const known = stage.find((one) => one.rule === rule);
  return live !== undefined && known !== undefined && sameWeights(live, known);
};

function leftToThem({ standing }: Pick<CompensationFacts, 'standing'>, rule: string): string {
  const live = standing.rules.find((one) => one.rule === rule);
  return live
    ? `Somebody else has set the weights to ${describeWeights(live.weights)}: they are left alone.`
    : `${rule} no longer forwards to target groups: it is left alone.`;
}

/** A group that no side names has no target that is known of. */
function healthOf({ standing }: Pick<CompensationFacts, 'standing'>, groups: readonly string[]): TargetHealth[] {
  const known = standing.sides.flatMap(({ targets }) => targets ?? []);
  return groups.map(
    (targetGroup) =>
      known.find((health) => health.targetGroup === targetGroup) ?? {
        targetGroup,
        healthy: 0,
        registered: 0,
        problems: [],
      },
  );
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const left = (message: string): Judgement => ({ kind: 'left', message });
