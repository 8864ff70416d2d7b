import type { SimulatedAccount } from '../../account.ts';
import type { Scheduled } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { type CheckedTarget, nextTransition } from './health.ts';
import { deregistrationDelayMs, type Target, type TargetGroup, type TargetServer } from './model.ts';

interface Checks {
  passes: boolean;
  sinceMs: number;
  readonly phaseMs: number;
  review: Scheduled | undefined;
}

export interface TargetEvents {
  /** Before anything that traffic depends on changes. */
  before(): void;
  /** After a target's state changed. */
  after(group: TargetGroup, target: Target): void;
  inUse(group: TargetGroup): boolean;
}

/** Registers and drains targets, and lets health checks change their states on the clock. */
export class Targets {
  readonly #account: SimulatedAccount;
  readonly #events: TargetEvents;
  readonly #checks = new Map<Target, Checks>();
  readonly #random: Random;

  constructor(account: SimulatedAccount, events: TargetEvents) {
    this.#account = account;
    this.#events = events;
    this.#random = account.random.fork('health checks');
  }

  /** @param settled the target has been there long enough that its state is what checks say */
  register(group: TargetGroup, id: string, port: number, server: TargetServer, settled = false): Target {
    const nowMs = this.#account.clock.now();
    this.#events.before();
    const passes = server.behaviour(nowMs).healthy;
    const target: Target = { id, port, server, state: settled ? (passes ? 'healthy' : 'unhealthy') : 'initial' };
    if (group.targets.has(id)) this.#forget(group, id);
    group.targets.set(id, target);
    // Each target is checked at a second of its own.
    const offset = this.#random.fork(`${group.arn} ${id}`).next() * group.healthCheck.intervalSeconds;
    const phaseMs = nowMs + Math.round(offset * 1000);
    this.#checks.set(target, { passes, sinceMs: nowMs, phaseMs, review: undefined });
    this.review(group, target);
    return target;
  }

  /** Takes a target out; `drained` runs when its deregistration delay is over. */
  deregister(group: TargetGroup, id: string, drained: () => void = () => {}): void {
    const target = group.targets.get(id);
    if (!target || target.state === 'draining') return;
    this.#change(group, target, 'draining');
    const delayMs = this.#events.inUse(group) ? deregistrationDelayMs(group) : 0;
    this.#account.clock.after(delayMs, () => {
      if (group.targets.get(id) === target) this.#forget(group, id);
      drained();
    });
  }

  /** Looks again at what checks find, and waits for the next change. Call it when a behaviour was changed. */
  review(group: TargetGroup, target: Target): void {
    const checks = this.#checks.get(target);
    if (!checks || target.state === 'draining') return;
    checks.review?.cancel();
    if (!this.#events.inUse(group)) return;
    const nowMs = this.#account.clock.now();
    const { healthy } = target.server.behaviour(nowMs);
    if (healthy !== checks.passes) {
      checks.passes = healthy;
      checks.sinceMs = nowMs;
    }
    const checked: CheckedTarget = { state: target.state, ...checks };
    const transition = nextTransition(checked, group.healthCheck);
    if (transition && transition.atMs <= nowMs) {
      this.#change(group, target, transition.to);
      this.review(group, target);
      return;
    }
    const times = [transition?.atMs, target.server.nextChange(nowMs)].filter((time) => time !== undefined);
    if (times.length > 0) {
      checks.review = this.#account.clock.at(Math.min(...times), () => {
        // The behaviour may change by itself at this moment.
        this.#events.before();
        this.review(group, target);
      });
    }
  }

  /** A group came into use, or fell out of it: health checks begin anew, or stop. */
  useChanged(group: TargetGroup): void {
    for (const target of group.targets.values()) {
      const checks = this.#checks.get(target);
      if (!checks || target.state === 'draining') continue;
      checks.review?.cancel();
      if (!this.#events.inUse(group)) continue;
      checks.sinceMs = this.#account.clock.now();
      target.state = 'initial';
      this.review(group, target);
    }
  }

  #change(group: TargetGroup, target: Target, state: Target['state']): void {
    this.#events.before();
    if (state === 'draining') this.#checks.get(target)?.review?.cancel();
    target.state = state;
    this.#events.after(group, target);
  }

  #forget(group: TargetGroup, id: string): void {
    const target = group.targets.get(id);
    if (!target) return;
    this.#events.before();
    this.#checks.get(target)?.review?.cancel();
    this.#checks.delete(target);
    group.targets.delete(id);
  }
}
