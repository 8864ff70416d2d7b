/** How long a mitigation may take: what it takes in all likelihood, and never less than a floor. */
import { followingsOf } from './companions/follow.ts';
import type { TaskDefinitionView } from './ecs.ts';
import type { Mechanism } from './mechanism.ts';
import type { Plan, RevertServiceAction } from './model.ts';
import type { PlanFacts, SideFacts } from './plan-facts.ts';
import { longestSeconds } from './traffic-gate.ts';
import { wavesOf } from './waves.ts';

/** Seconds: the least that a mitigation gets. */
const leastSeconds = 300;
/** Pulling an image and starting the container, before any health check counts. */
const pullSeconds = 60;
/** Two whole metric periods and the time until CloudWatch has them: the first verdict needs one after the last action. */
const measureSeconds = 180;

export function timeLimit(
  facts: PlanFacts,
  mechanism: Mechanism | undefined,
): Pick<Plan, 'timeoutSeconds' | 'timeoutReason'> {
  const requested = facts.context.request.timeoutSeconds;
  const { seconds, reason } = expected(facts, mechanism);
  if (requested !== undefined) {
    const short = requested < seconds ? ` That may be too short: ${reason}` : '';
    return { timeoutSeconds: requested, timeoutReason: `${requested} s as requested.${short}` };
  }
  if (seconds <= leastSeconds)
    return { timeoutSeconds: leastSeconds, timeoutReason: `${leastSeconds} s, the default; ${reason}` };
  return { timeoutSeconds: seconds, timeoutReason: `${seconds} s instead of ${leastSeconds}: ${reason}` };
}

function expected(
  facts: PlanFacts,
  mechanism: Mechanism | undefined,
): { readonly seconds: number; readonly reason: string } {
  const actions = mechanism?.kind === 'actions' ? mechanism.actions : [];
  const companions = actions.length > 0 ? replacingCompanions(facts) : [];
  const names = facts.sides.map(({ side }) => side.name);
  const [own] = actions.flatMap((action) =>
    action.type === 'RevertService' && !action.afterVerification && names.includes(action.side) ? action : [],
  );
  const gates = actions.flatMap((action) => (action.type === 'ShiftTraffic' && action.gate ? [action.gate] : []));
  const held = gates.reduce((sum, gate) => sum + longestSeconds(gate), 0);
  const side = mechanism?.kind === 'actions' && own ? replacing(mechanism.to, facts.targetDefinition, own) : undefined;
  const after = companions.reduce((sum, { seconds }) => sum + seconds, 0);
  const seconds = (side?.seconds ?? 0) + after + held + measureSeconds;
  const parts = [
    ...(side ? [side.words] : []),
    ...(after > 0
      ? [
          `reverting ${companions.length === 1 ? 'its companion' : `${companions.length} companions one by one`} ${after} s`,
        ]
      : []),
    ...(gates.length > 0 ? [`holding ${gates.length} ${gates.length === 1 ? 'step' : 'steps'} ${held} s at most`] : []),
  ];
  const measuring = parts.length > 0 ? `measuring ${measureSeconds} s` : `measuring takes about ${measureSeconds} s`;
  return { seconds, reason: `${[...parts, measuring].join(', ')}.` };
}

interface Replacing {
  readonly seconds: number;
  readonly words: string;
}

const replacingCompanions = (facts: PlanFacts): Replacing[] =>
  followingsOf(facts).flatMap((one) =>
    one.kind === 'reverts' ? replacing(one.companion.unit, one.companion.goal.targetDefinition, one.action) : [],
  );

/** Replacing the tasks of one service. A way back that ECS has already moves the traffic all at once. */
function replacing(
  unit: SideFacts,
  definition: TaskDefinitionView | undefined,
  { by }: Pick<RevertServiceAction, 'by'>,
): Replacing {
  const start = startSeconds(unit, definition);
  const drain = drainSeconds(unit);
  const moving = ['update-service', 'join'].includes(by) ? (unit.service?.movingSeconds ?? 0) : 0;
  const waves = unit.service ? wavesOf(unit.service) : 1;
  const parts = [
    `starting tasks takes about ${start} s${waves > 1 ? ` in each of ${waves} waves` : ''}`,
    `draining the old ones ${drain} s`,
    ...(moving > 0 ? [`ECS takes ${moving} s to move the traffic and to bake`] : []),
  ];
  return { seconds: start * waves + drain + moving, words: parts.join(', ') };
}

function startSeconds({ service, targetGroup }: SideFacts, definition: TaskDefinitionView | undefined): number {
  const healthy = (targetGroup?.healthySeconds ?? 0) + (definition?.startPeriodSeconds ?? 0);
  return pullSeconds + Math.max(service?.healthCheckGraceSeconds ?? 0, healthy);
}

function drainSeconds({ definition, targetGroup }: SideFacts): number {
  return (targetGroup?.deregistrationSeconds ?? 0) + (definition?.stopTimeoutSeconds ?? 0);
}
