/** When a target's health changes, worked out instead of simulating every single check. */
import type { HealthCheck, TargetState } from './model.ts';

export interface CheckedTarget {
  readonly state: TargetState;
  /** What checks find now. */
  readonly passes: boolean;
  /** Since when they find that, milliseconds. */
  readonly sinceMs: number;
  /** The time of one check; the others are whole intervals away. */
  readonly phaseMs: number;
}

export interface Transition {
  readonly atMs: number;
  readonly to: 'healthy' | 'unhealthy';
}

/**
 * The next change of state if checks go on finding the same; undefined when they confirm the present state. A new
 * target needs one passed check, an unhealthy one as many as the threshold says (ALB user guide, health checks).
 */
export function nextTransition(target: CheckedTarget, check: HealthCheck): Transition | undefined {
  const { state, passes } = target;
  if (state === 'draining' || (state === 'healthy' && passes) || (state === 'unhealthy' && !passes)) return undefined;
  const checks = !passes ? check.unhealthyThreshold : state === 'initial' ? 1 : check.healthyThreshold;
  const intervalMs = check.intervalSeconds * 1000;
  const first = target.phaseMs + Math.max(0, Math.ceil((target.sinceMs - target.phaseMs) / intervalMs)) * intervalMs;
  return { atMs: first + (checks - 1) * intervalMs, to: passes ? 'healthy' : 'unhealthy' };
}
