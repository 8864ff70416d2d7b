import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedAccount } from '../account.ts';
import type { LoadBalancer, TargetGroup } from '../services/elbv2/model.ts';
import { routableTargets, weightShares } from '../services/elbv2/routing.ts';
import { pinnedAt, type Shares, type StickySituation, stickyShares } from './stickiness.ts';
import { addTo, Carry, emptyTally, publishTally, type Tally } from './tally.ts';

/** Clients of one host. */
export interface Source {
  readonly host: string;
  readonly path: string;
  readonly requestsPerSecond: number;
  /** Share of clients that keep cookies, 0..1. */
  readonly stickyShare: number;
}

interface Stream {
  readonly source: Source;
  /** The forward action as it was at the last look, to see that it changed. */
  signature: string;
  situation: StickySituation | undefined;
}

const minuteMs = 60_000;
/** AWS documents no delay; a minute's data are visible this long after its end. */
export const publicationDelayMs = 30_000;

/**
 * Clients' requests become metrics. Nothing is drawn at random and no single request is simulated: between two
 * changes of the account everything is constant, so counts are rate times time times shares.
 */
export class Traffic {
  readonly #account: SimulatedAccount;
  readonly #streams: Stream[] = [];
  readonly #tallies = new Map<string, { dimensions: Record<string, string>; tally: Tally }>();
  readonly #carry = new Carry();
  #settledMs: number;

  /** @param fromMs where the traffic begins; before the clock's time for metrics of the past */
  constructor(account: SimulatedAccount, fromMs: number) {
    this.#account = account;
    this.#settledMs = fromMs;
  }

  addSource(source: Source): void {
    this.#streams.push({ source, signature: '', situation: undefined });
  }

  /** Counts up to now with everything as it is; to be called just before anything changes. */
  settle(): void {
    this.#count(this.#account.clock.now());
  }

  /** Publishes the past minutes at once, and from now on each minute after its end. */
  start(): void {
    const { clock } = this.#account;
    let minute = Math.floor(this.#settledMs / minuteMs) * minuteMs;
    for (; minute + minuteMs <= clock.now(); minute += minuteMs) {
      this.#count(minute + minuteMs);
      this.#take(minute)();
    }
    const next = minute + minuteMs;
    this.settle();
    clock.every(minuteMs, next, () => {
      const ended = clock.now() - minuteMs;
      this.settle();
      clock.after(publicationDelayMs, this.#take(ended));
    });
  }

  /** Ends a minute: what it counted is published when the returned function is called. */
  #take(minute: number): () => void {
    const ended = [...this.#tallies.values()];
    this.#tallies.clear();
    return () => {
      for (const { dimensions, tally } of ended) publishTally(this.#account, dimensions, tally, this.#carry, minute);
    };
  }

  #count(toMs: number): void {
    const fromMs = this.#settledMs;
    if (toMs <= fromMs) return;
    for (const stream of this.#streams) this.#countStream(stream, fromMs, toMs);
    this.#countHosts(toMs - fromMs);
    this.#settledMs = toMs;
  }

  #countStream(stream: Stream, fromMs: number, toMs: number): void {
    const { elbv2 } = this.#account;
    const { host, path, requestsPerSecond, stickyShare } = stream.source;
    const listener = elbv2.listenerFor(host);
    const loadBalancer = listener && elbv2.loadBalancers.get(listener.loadBalancerArn);
    const action = elbv2.actionsFor({ host, path, method: 'GET' })?.at(-1);
    if (!loadBalancer || action?.Type !== 'forward') return;

    this.#followRule(stream, action, fromMs);
    const weights = weightShares(action.ForwardConfig?.TargetGroups ?? []);
    const sticky = stream.situation ? stickyShares(stream.situation, fromMs, toMs) : weights;
    const requests = (requestsPerSecond * (toMs - fromMs)) / 1000;
    const whole = this.#tally({ LoadBalancer: loadBalancer.dimension });
    if (weights.size === 0) whole.refused += requests * (1 - stickyShare);
    for (const arn of new Set([...weights.keys(), ...sticky.keys()])) {
      const share = (weights.get(arn) ?? 0) * (1 - stickyShare) + (sticky.get(arn) ?? 0) * stickyShare;
      const group = elbv2.targetGroups.get(arn);
      if (group && share > 0) this.#serve(loadBalancer, group, requests * share, fromMs);
    }
    if (weights.size === 0 && sticky.size === 0) whole.refused += requests * stickyShare;
  }

  /** Notices that weights or stickiness changed at `nowMs`, and pins those who hold cookies. */
  #followRule(stream: Stream, action: Action, nowMs: number): void {
    const signature = JSON.stringify(action.ForwardConfig);
    if (signature === stream.signature) return;
    const tuples = action.ForwardConfig?.TargetGroups ?? [];
    const config = action.ForwardConfig?.TargetGroupStickinessConfig;
    const weights: Shares = weightShares(tuples);
    const groups = tuples.map(({ TargetGroupArn }) => TargetGroupArn ?? '');
    stream.situation = {
      pinned: stream.situation && pinnedAt(stream.situation, nowMs, groups),
      weights,
      sinceMs: nowMs,
      durationMs: config?.Enabled ? (config.DurationSeconds ?? 0) * 1000 : undefined,
    };
    stream.signature = signature;
  }

  #serve(loadBalancer: LoadBalancer, group: TargetGroup, requests: number, nowMs: number): void {
    const whole = this.#tally({ LoadBalancer: loadBalancer.dimension });
    const own = this.#tally({ TargetGroup: group.dimension, LoadBalancer: loadBalancer.dimension });
    const { targets } = routableTargets(group);
    if (targets.length === 0) whole.refused += requests;
    for (const { server } of targets) {
      const { errorRate, latencyMs } = server.behaviour(nowMs);
      const each = requests / targets.length;
      for (const tally of [whole, own]) {
        tally.requests += each;
        tally.failed += each * errorRate;
        addTo(tally.latencies, latencyMs, each);
      }
    }
  }

  /** "Reported if health checks are enabled": for every group that a load balancer uses, also an empty one. */
  #countHosts(elapsedMs: number): void {
    const { elbv2 } = this.#account;
    for (const group of elbv2.targetGroups.values()) {
      const states = [...group.targets.values()].map(({ state }) => state);
      for (const arn of elbv2.loadBalancersOf(group)) {
        const LoadBalancer = elbv2.loadBalancers.get(arn)?.dimension ?? '';
        const tally = this.#tally({ TargetGroup: group.dimension, LoadBalancer });
        addTo(tally.healthy, states.filter((state) => state === 'healthy').length, elapsedMs);
        addTo(tally.unhealthy, states.filter((state) => state === 'unhealthy').length, elapsedMs);
      }
    }
  }

  #tally(dimensions: Record<string, string>): Tally {
    const key = Object.values(dimensions).join(' ');
    let found = this.#tallies.get(key);
    if (!found) {
      found = { dimensions, tally: emptyTally() };
      this.#tallies.set(key, found);
    }
    return found.tally;
  }
}
