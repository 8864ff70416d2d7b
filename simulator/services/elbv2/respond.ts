import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Random } from '../../random.ts';
import type { ProbeRequest, ProbeResponse } from '../elbv2.ts';
import type { Target, TargetGroup } from './model.ts';
import { routableTargets, weightShares } from './routing.ts';

/** Latency that the load balancer itself adds, milliseconds. */
const ownLatencyMs = 2;

const made = (status: number, body: string): ProbeResponse => ({ status, body, latencyMs: ownLatencyMs });

/** What a client gets who sends one request that ends at these actions. Cookie `AWSALBTG` names a target group. */
export function answer(
  actions: readonly Action[],
  request: ProbeRequest,
  groupOf: (arn: string) => TargetGroup | undefined,
  nowMs: number,
  random: Random,
): ProbeResponse {
  // A client without a session is sent to log in, and probes have no session.
  if (actions.some(({ Type }) => Type === 'authenticate-oidc')) return made(302, '');
  const action = actions.at(-1);
  if (action?.Type === 'fixed-response') {
    return made(Number(action.FixedResponseConfig?.StatusCode), action.FixedResponseConfig?.MessageBody ?? '');
  }
  if (action?.Type === 'redirect') return made(action.RedirectConfig?.StatusCode === 'HTTP_301' ? 301 : 302, '');
  const group = groupOf(chooseGroup(action, request, random) ?? '');
  const { targets } = group ? routableTargets(group) : { targets: [] };
  const target = targets[random.integer(Math.max(targets.length, 1))];
  if (!group || !target) return made(503, '<h1>503 Service Temporarily Unavailable</h1>');
  return fromTarget(group, target, request, nowMs, random);
}

function chooseGroup(action: Action | undefined, request: ProbeRequest, random: Random): string | undefined {
  const tuples = action?.ForwardConfig?.TargetGroups ?? [];
  const kept = request.cookies?.AWSALBTG;
  if (action?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled && kept !== undefined) {
    if (tuples.some(({ TargetGroupArn }) => TargetGroupArn === kept)) return kept;
  }
  let draw = random.next();
  for (const [arn, share] of weightShares(tuples)) {
    draw -= share;
    if (draw < 0) return arn;
  }
  return undefined;
}

function fromTarget(
  group: TargetGroup,
  target: Target,
  request: ProbeRequest,
  nowMs: number,
  random: Random,
): ProbeResponse {
  const { healthy, errorRate, latencyMs } = target.server.behaviour(nowMs);
  const took = ownLatencyMs + logNormal(latencyMs, random);
  if (request.path.split('?')[0] === group.healthCheck.path) {
    return { status: healthy ? 200 : 503, body: healthy ? 'ok' : 'unhealthy', latencyMs: took };
  }
  const failed = random.next() < errorRate;
  return { status: failed ? 500 : 200, body: failed ? 'Internal Server Error' : 'ok', latencyMs: took };
}

/** One draw of a log-normal latency, milliseconds. 1.6449 is the normal distribution's 95th percentile. */
function logNormal({ p50, p95 }: { readonly p50: number; readonly p95: number }, random: Random): number {
  const sigma = Math.log(Math.max(p95 / p50, 1)) / 1.6449;
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.round(p50 * Math.exp(sigma * normal));
}
