import { describe, expect, it } from 'vitest';
import { nextTransition } from '../../../simulator/services/elbv2/health.ts';

const check = { path: '/', intervalSeconds: 10, timeoutSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 2 };
const seconds = (transition: ReturnType<typeof nextTransition>) =>
  transition && [transition.atMs / 1000, transition.to];

describe('the next change of a target checked at 4, 14, 24, …', () => {
  it.each([
    ['a new target needs one passed check', 'initial', true, 0, [4, 'healthy']],
    ['a new target that fails needs as many failures as any', 'initial', false, 0, [14, 'unhealthy']],
    ['an unhealthy target needs its threshold of passed checks', 'unhealthy', true, 15, [44, 'healthy']],
    ['a healthy target needs its threshold of failed checks', 'healthy', false, 15, [34, 'unhealthy']],
    ['a check at the very moment counts', 'healthy', false, 14, [24, 'unhealthy']],
    ['nothing changes while checks agree', 'healthy', true, 15, undefined],
    ['nothing changes while failures go on', 'unhealthy', false, 15, undefined],
    ['a draining target is not checked', 'draining', true, 15, undefined],
  ] as const)('%s', (_name, state, passes, since, expected) => {
    expect(seconds(nextTransition({ state, passes, sinceMs: since * 1000, phaseMs: 4000 }, check))).toEqual(expected);
  });
});
