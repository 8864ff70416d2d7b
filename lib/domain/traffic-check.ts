/** Whether traffic may move, and whether it has moved. */
import { pace, secondsUntil } from './elapsed.ts';
import type { RuleWeights } from './model.ts';
import type { CheckResult } from './states.ts';
import { describeWeights, holds, type TargetHealth, targetGroupName } from './traffic.ts';

/** ELBv2 applies weights within seconds, and users wait for what follows. */
const looks = { part: 20, least: 5, most: 60 };

/** Why the receiving groups cannot take the traffic now; undefined where they can. */
export function tooFewTargets(receiving: readonly TargetHealth[], required: number): string | undefined {
  const weak = receiving.filter((group) => group.healthy < required);
  if (receiving.length > 0 && weak.length === 0) return undefined;
  return weak.length === 0
    ? 'No target group would receive the traffic.'
    : `${weak.map(describeHealth).join('; ')}. ${required} healthy ${required === 1 ? 'target is' : 'targets are'} required.`;
}

/** `green: 1 of 4 targets healthy (Health checks failed)` */
export function describeHealth(group: TargetHealth): string {
  const problems = group.problems.length > 0 ? ` (${group.problems.join(', ')})` : '';
  return `${targetGroupName(group.targetGroup)}: ${group.healthy} of ${group.registered} targets healthy${problems}`;
}

export interface TrafficFacts {
  readonly planned: readonly RuleWeights[];
  /** The weights that the plan was made on. */
  readonly before: readonly RuleWeights[];
  /** One for each planned rule that still forwards to target groups. */
  readonly live: readonly RuleWeights[];
  readonly receiving: readonly TargetHealth[];
  readonly required: number;
  /** When the weights were set. */
  readonly appliedAt: string;
  readonly now: string;
  readonly deadline: string;
}

export function judgeTraffic(facts: TrafficFacts): CheckResult {
  return notAsPlanned(facts) ?? judgeReceiving(facts, tooFewTargets(facts.receiving, facts.required));
}

/** A weight that is neither ours nor the old one was set by somebody else: we do not fight over it. */
export function notAsPlanned(facts: TrafficFacts): CheckResult | undefined {
  for (const planned of facts.planned) {
    const live = facts.live.find((rule) => rule.rule === planned.rule);
    if (!live) return failed(`${planned.rule} no longer forwards to target groups.`);
    if (holds(live, planned)) continue;
    const before = facts.before.find((rule) => rule.rule === planned.rule);
    if (before && holds(live, before)) {
      const weak = tooFewTargets(facts.receiving, facts.required);
      return failed(
        weak
          ? `The traffic was not moved: ${weak}`
          : `The weights are ${describeWeights(live.weights)} as before this step: the move was refused, or somebody undid it.`,
      );
    }
    return failed(
      `Somebody else changed the weights to ${describeWeights(live.weights)}${live.stickiness.enabled ? ' with group stickiness on' : ''}; ` +
        `planned are ${describeWeights(planned.weights)}.`,
    );
  }
  return undefined;
}

function judgeReceiving(facts: TrafficFacts, weak: string | undefined): CheckResult {
  if (!weak) {
    const groups = facts.receiving.map(describeHealth).join('; ');
    return {
      status: 'done',
      waitSeconds: 1,
      message: `The weights read back as planned; ${groups}. Requests already under way elsewhere finish there.`,
    };
  }
  const left = secondsUntil(facts.deadline, facts.now);
  if (left <= 0) return failed(`The traffic was moved, but until the deadline ${facts.deadline}: ${weak}`);
  return {
    status: 'waiting',
    waitSeconds: Math.min(pace(facts.appliedAt, facts.now, looks), left),
    message: `The traffic was moved; waiting for targets: ${weak}`,
  };
}

const failed = (message: string): CheckResult => ({ status: 'failed', waitSeconds: 1, message });
