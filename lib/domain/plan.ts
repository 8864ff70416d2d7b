/** From the facts to the plan: what would be done, why, and whether it may be. */
import { numbered } from './actions.ts';
import { intention } from './admission.ts';
import { whyAsked } from './approval/asking.ts';
import { checkPlan } from './checks.ts';
import { wantsSnapshot } from './database.ts';
import type { TaskDefinitionView } from './ecs.ts';
import { chooseMechanism, type Mechanism } from './mechanism.ts';
import type { Action, Check, Plan, Release, SideState } from './model.ts';
import { type PlanFacts, type SideFacts, sideState } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { snapshotAction } from './snapshot.ts';
import { requestedStrategy } from './strategy.ts';
import type { Suspect } from './target.ts';
import { longestSeconds } from './traffic-gate.ts';
import { wavesOf } from './waves.ts';

export function decidePlan(facts: PlanFacts): Plan {
  const { context, choice, suspect } = facts;
  const target = choice.kind === 'found' ? completed(choice.release, facts.targetDefinition) : undefined;
  const mechanism = target && chooseMechanism(facts, target);
  const actions = mechanism?.kind === 'actions' ? snapshotFirst(facts, mechanism.actions) : [];
  const checks = withMechanism(checkPlan(withTarget(facts, target), mechanism), mechanism);
  return {
    rollbackId: context.rollbackId,
    service: context.service,
    environment: context.environment,
    createdAt: facts.now,
    current: currentStates(facts),
    ...(target && { target }),
    targetReason: choice.reason,
    strategy:
      mechanism?.kind === 'actions'
        ? mechanism.strategy
        : requestedStrategy(context.request, facts.configuration.policy.strategy),
    strategyReason: mechanism?.reason ?? 'Without a target there is nothing to choose.',
    checks,
    actions,
    ...timeLimit(facts, mechanism),
    ...(suspect && { suspect: suspectRelease(facts, suspect) }),
    ...(facts.managers && { managers: facts.managers }),
    ...conclude(facts, checks, mechanism, target),
  };
}

function conclude(
  facts: PlanFacts,
  checks: readonly Check[],
  mechanism: Mechanism | undefined,
  target: Release | undefined,
): Pick<Plan, 'outcome' | 'reason' | 'asksBecause'> {
  const failed = checks.filter((check) => check.status === 'failed');
  // Being there already is no danger, whatever else a check found; but asking for more than is built must be answered.
  if (mechanism?.kind === 'nothing-to-do' && !failed.some((check) => check.name === 'request')) {
    return { outcome: 'already-at-target', reason: `${mechanism.reason} Nothing is changed.` };
  }
  if (failed.length > 0 || !target || mechanism?.kind !== 'actions') {
    return { outcome: 'blocked', reason: failed.map((check) => check.evidence).join(' ') };
  }
  const todo = `${facts.context.service} goes back to ${nameOf(target)}: ${mechanism.reason}`;
  const intended = intention(facts.context.request, facts.configuration.production);
  if (intended.may === 'plan') return { outcome: 'ready', reason: `${intended.reason} Planned: ${todo}` };
  const asksBecause = whyAsked(facts, checks, intended);
  if (asksBecause === undefined) return { outcome: null, reason: todo };
  return { outcome: null, asksBecause, reason: `${asksBecause} A person is asked. Planned: ${todo}` };
}

function snapshotFirst(facts: PlanFacts, actions: readonly Action[]): readonly Action[] {
  if (!wantsSnapshot(facts)) return actions;
  const { context, configuration, database } = facts;
  return numbered([snapshotAction(database, context.rollbackId, configuration.policy), ...actions]);
}

/** A mechanism that cannot be found is a finding like any other. */
function withMechanism(checks: Check[], mechanism: Mechanism | undefined): Check[] {
  if (mechanism?.kind !== 'impossible') return checks;
  return [...checks, { name: 'mechanism', status: 'failed', evidence: mechanism.reason }];
}

/** A release known only by its task definition is completed from that. */
function completed(release: Release, definition: TaskDefinitionView | undefined): Release {
  if (!definition) return release;
  return {
    ...release,
    version: release.images.length > 0 ? release.version : definition.version,
    images: release.images.length > 0 ? release.images : definition.images,
    deployedAt: release.deployedAt || (definition.registeredAt ?? ''),
    ...(definition.commit && { commit: release.commit ?? definition.commit }),
  };
}

function withTarget(facts: PlanFacts, target: Release | undefined): PlanFacts {
  return facts.choice.kind === 'found' && target ? { ...facts, choice: { ...facts.choice, release: target } } : facts;
}

export function currentStates(facts: Pick<PlanFacts, 'sides'>): SideState[] {
  return facts.sides.flatMap(
    (side) => sideState(side, side.definition?.version ?? side.service?.taskDefinition ?? '') ?? [],
  );
}

function suspectRelease({ context, sides }: PlanFacts, suspect: Suspect): Release {
  const side = sides.find((candidate) => candidate.side.name === suspect.side);
  return {
    service: context.service,
    side: suspect.side,
    version: suspect.version,
    taskDefinition: suspect.taskDefinition,
    images: side?.images ?? side?.definition?.images ?? [],
    deployedAt: suspect.begunAt,
    status: 'unverified',
  };
}

// ---------------------------------------------------------------- time

/** Seconds: the least that a mitigation gets. */
const leastSeconds = 300;
/** Pulling an image and starting the container, before any health check counts. */
const pullSeconds = 60;
/** Two whole metric periods and the time until CloudWatch has them: the first verdict needs one after the last action. */
const measureSeconds = 180;

function timeLimit(facts: PlanFacts, mechanism: Mechanism | undefined): Pick<Plan, 'timeoutSeconds' | 'timeoutReason'> {
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
  const reverts = actions.some((action) => action.type === 'RevertService' && !action.afterVerification);
  const gates = actions.flatMap((action) => (action.type === 'ShiftTraffic' && action.gate ? [action.gate] : []));
  const held = gates.reduce((sum, gate) => sum + longestSeconds(gate), 0);
  const steps = `holding ${gates.length} ${gates.length === 1 ? 'step' : 'steps'} ${held} s at most`;
  if (mechanism?.kind !== 'actions' || !reverts) {
    const reason =
      gates.length > 0 ? `${steps}, measuring ${measureSeconds} s` : `measuring takes about ${measureSeconds} s`;
    return { seconds: held + measureSeconds, reason: `${reason}.` };
  }
  const start = startSeconds(mechanism.to, facts.targetDefinition);
  const drain = drainSeconds(mechanism.to);
  const moving = begins(mechanism) ? (mechanism.to.service?.movingSeconds ?? 0) : 0;
  const waves = mechanism.to.service ? wavesOf(mechanism.to.service) : 1;
  const parts = [
    `starting tasks takes about ${start} s${waves > 1 ? ` in each of ${waves} waves` : ''}`,
    `draining the old ones ${drain} s`,
    ...(moving > 0 ? [`ECS takes ${moving} s to move the traffic and to bake`] : []),
    ...(gates.length > 0 ? [steps] : []),
    `measuring ${measureSeconds} s`,
  ];
  return { seconds: start * waves + drain + moving + held + measureSeconds, reason: `${parts.join(', ')}.` };
}

/** A way back that ECS has already goes all at once. */
const begins = ({ actions }: Extract<Mechanism, { kind: 'actions' }>): boolean =>
  actions.some((action) => action.type === 'RevertService' && ['update-service', 'join'].includes(action.by));

function startSeconds({ service, targetGroup }: SideFacts, definition: TaskDefinitionView | undefined): number {
  const healthy = (targetGroup?.healthySeconds ?? 0) + (definition?.startPeriodSeconds ?? 0);
  return pullSeconds + Math.max(service?.healthCheckGraceSeconds ?? 0, healthy);
}

function drainSeconds({ definition, targetGroup }: SideFacts): number {
  return (targetGroup?.deregistrationSeconds ?? 0) + (definition?.stopTimeoutSeconds ?? 0);
}
