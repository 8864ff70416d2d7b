/** How the traffic of two sides gets to the one that is to serve: at once or in steps, as asked for or by the facts. */
import type { RollbackRequest, Strategy } from './model.ts';
import { rank, type Standing } from './releases.ts';

export type TrafficStrategy = 'instant' | 'blue-green' | 'canary';

/** What can be asked for, by the number of a service's sides. */
export const strategiesOf = (sides: number): readonly Strategy[] =>
  sides === 1 ? ['auto', 'rolling'] : ['auto', 'instant', 'blue-green', 'canary'];

/** A named strategy wins over the policy's. */
export const requestedStrategy = (asked: Pick<RollbackRequest, 'strategy'>, policy: Strategy): Strategy =>
  asked.strategy === 'auto' ? policy : asked.strategy;

export interface StrategyFacts {
  /** Of the start, or of the policy. */
  readonly requested: Strategy;
  /** The side that gets the traffic, and the release that it runs or will run. */
  readonly side: string;
  readonly target: string;
  /** Absent where nothing is known of the target. */
  readonly standing?: Standing;
  /** Share of the service's traffic that the rules give the side now, percent; the least over the rules. */
  readonly sharePercent: number;
  /** This rollback starts its tasks, or waits for their start. */
  readonly startsTasks: boolean;
  /** Requests that its target group had since its tasks started; absent where nobody could tell. */
  readonly answeredRequests?: number;
  /** Fewer requests than this prove nothing. */
  readonly minimumRequests: number;
  /** Targets that the side has to serve with, and those of the side that serves now. */
  readonly targets: number;
  readonly servingTargets: number;
}

export interface ChosenStrategy {
  readonly strategy: TrafficStrategy;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Steps cost time while the bad release still serves, so they are for what is not proven: `canary` where the release is in doubt,
 * which a small share shows; `blue-green` where the release is known and only its side is cold or small.
 */
export function chooseStrategy(facts: StrategyFacts): ChosenStrategy {
  const { requested, side, target, sharePercent } = facts;
  if (sharePercent > 50 && (requested === 'auto' || requested === 'canary')) {
    const stays = `side ${side} already has ${rounded(sharePercent)} % of the traffic, on ${target}`;
    return { strategy: 'instant', reason: `Canary removed, 100 % to stable: ${stays}.` };
  }
  if (requested === 'instant' || requested === 'blue-green' || requested === 'canary') {
    return { strategy: requested, reason: `${requested} is what was asked for.` };
  }
  return byFacts(facts);
}

function byFacts(facts: StrategyFacts): ChosenStrategy {
  const { side, target, sharePercent, standing, targets, servingTargets } = facts;
  if (targets < servingTargets) {
    const reason = `Side ${side} has ${targets} targets where ${servingTargets} serve now, so the traffic moves in steps.`;
    return { strategy: 'blue-green', reason };
  }
  if (sharePercent > 0) {
    const reason = `Side ${side} already serves ${rounded(sharePercent)} % of the traffic with ${target}, so the rest moves at once.`;
    return { strategy: 'instant', reason };
  }
  if (standing === undefined || rank(standing) > rank('served')) {
    const doubt = standing === undefined ? 'nothing is known of how it served' : doubts[standing];
    return {
      strategy: 'canary',
      reason: `${target} is not proven (${doubt}), so a small share of the traffic goes first.`,
    };
  }
  const cold = whyCold(facts);
  if (cold) return { strategy: 'blue-green', reason: `${cold}, so the traffic moves in steps.` };
  const proof = `${standing === 'good' ? 'was verified in service' : 'served without a rollback'}`;
  const reason = `${target} ${proof}, and side ${side} answered ${facts.answeredRequests} requests since its tasks started, so the traffic moves at once.`;
  return { strategy: 'instant', reason };
}

function whyCold({ side, startsTasks, answeredRequests, minimumRequests }: StrategyFacts): string | undefined {
  if (startsTasks) return `The tasks of side ${side} start with this rollback and have answered nobody yet`;
  if (answeredRequests === undefined) return `CloudWatch could not tell whether the tasks of side ${side} ever served`;
  if (answeredRequests >= minimumRequests) return undefined;
  const few = answeredRequests === 0 ? 'nobody' : `${answeredRequests} requests only`;
  return `The tasks of side ${side} have answered ${few} since they started`;
}

const doubts: Readonly<Record<Standing, string>> = {
  good: 'verified in service',
  served: 'served without a rollback',
  deployed: 'ECS deployed it, and how it served is not known',
  'assumed-good': 'assumed good at the installation',
  unproven: 'it never served for the whole bake',
  bad: 'it was rolled back before',
};

const rounded = (percent: number): number => Number(percent.toPrecision(3));
