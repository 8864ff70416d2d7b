/**
 * The checks of a plan: one function each, from facts to a sentence with the numbers or names that decide. What nobody
 * looked at is `not checked`, never ok.
 */
import { databaseCheck } from './database.ts';
import { familyRevision, primaryDeployment } from './ecs.ts';
import type { Mechanism } from './mechanism.ts';
import { strayRules } from './mechanism.ts';
import type { Check, CheckStatus, Strategy } from './model.ts';
import { type PlanFacts, type SideFacts, youngerThanAlarm } from './plan-facts.ts';
import { requestedStrategy, strategiesOf } from './strategy.ts';
import { describeWeights, requiredTargets, targetGroupName } from './traffic.ts';
import { describeHealth, tooFewTargets } from './traffic-check.ts';

/** @param mechanism undefined where no target was found */
export function checkPlan(facts: PlanFacts, mechanism: Mechanism | undefined): Check[] {
  const reverted = revertedSides(facts, mechanism);
  return [
    request(facts),
    target(facts),
    definition(facts),
    images(facts),
    notBuilt('configuration', 'Whether the stored parameters fit the target is not looked at yet.'),
    migrations(facts),
    databaseCheck(facts),
    ...reverted.flatMap((side) => [controller(side), circuitBreaker(side)]),
    ...facts.sides.map((side) => inFlight(side, facts)),
    ...traffic(facts),
    capacity(facts, mechanism),
    ...(mechanism?.kind === 'actions' && mechanism.afterwards ? [mechanism.afterwards.check] : []),
  ];
}

/** Sides that a deployment would change before the rollback is verified; every side while that is not decided. */
function revertedSides(facts: PlanFacts, mechanism: Mechanism | undefined): readonly SideFacts[] {
  if (mechanism?.kind !== 'actions') return facts.sides;
  const names = mechanism.actions.flatMap((action) =>
    action.type === 'RevertService' && !action.afterVerification ? action.side : [],
  );
  return facts.sides.filter(({ side }) => names.includes(side.name));
}

/** What a person may ask for and this service, or this version, cannot do. */
function request({ context: { request: asked }, configuration }: PlanFacts): Check {
  const sides = configuration.sides.length;
  const strategy = requestedStrategy(asked, configuration.policy.strategy);
  const scope = asked.scope !== 'app' ? asked.scope : configuration.policy.scope;
  const problems = [
    ...(strategiesOf(sides).includes(strategy) ? [] : [strategyProblem(strategy, sides)]),
    ...(scope === 'app' ? [] : [`scope ${scope} is not available yet, only app`]),
  ];
  if (problems.length > 0) return check('request', 'failed', `${capital(problems.join('; '))}.`);
  return check('request', 'ok', `Strategy ${strategy} and scope ${scope}.`);
}

function strategyProblem(strategy: Strategy, sides: number): string {
  const allowed = `allowed are ${strategiesOf(sides).join(', ')}`;
  if (strategy === 'flags') return `strategy flags is not available yet: ${allowed}`;
  return sides === 1
    ? `strategy ${strategy} moves traffic between two sides, and this service has one: ${allowed}`
    : `strategy ${strategy} replaces the tasks of a service with one side, and this one has two: ${allowed}`;
}

function target({ choice }: PlanFacts): Check {
  if (choice.kind === 'none') return check('target', 'failed', choice.reason);
  return choice.warning
    ? check('target', 'warning', `${choice.reason} ${choice.warning}`)
    : check('target', 'ok', choice.reason);
}

function definition({ choice, targetDefinition }: PlanFacts): Check {
  const name = 'task definition';
  if (choice.kind === 'none') return check(name, 'not checked', 'There is no target.');
  const wanted = familyRevision(choice.release.taskDefinition);
  if (!targetDefinition) return check(name, 'failed', `ECS knows no task definition ${wanted}.`);
  if (targetDefinition.status === 'ACTIVE') return check(name, 'ok', `${wanted} is ACTIVE.`);
  return check(
    name,
    'failed',
    `${wanted} is ${targetDefinition.status}, and ECS starts no tasks from it. Registering a copy is not available yet: register ` +
      'it again by hand and name the new revision.',
  );
}

function images({ choice }: PlanFacts): Check {
  const wanted = choice.kind === 'found' ? choice.release.images.map(({ image }) => image) : [];
  return notBuilt(
    'images',
    `No registry is asked yet whether the images exist${wanted.length > 0 ? `: ${wanted.join(', ')}` : ''}.`,
  );
}

/** The check that tells Plan to ask. */
export const migrationsCheck = 'migrations';

/** Nobody looks yet, so with a database the policy decides what not knowing means. */
function migrations({ configuration: { database: configured, policy } }: PlanFacts): Check {
  const between = 'Which migrations lie between the target and now is not looked at yet';
  if (!configured) return notBuilt(migrationsCheck, `${between}; no database is configured.`);
  const { unknownMigrations } = policy;
  const means = { ask: 'a person is asked', proceed: 'the rollback goes on', block: 'the rollback is blocked' };
  const evidence = `${between}: by policy.unknownMigrations ("${unknownMigrations}") ${means[unknownMigrations]}.`;
  const status = { ask: 'not checked', proceed: 'warning', block: 'failed' } as const;
  return check(migrationsCheck, status[unknownMigrations], evidence);
}

function controller({ side, service }: SideFacts): Check {
  const name = `controller of ${side.name}`;
  if (!service) return check(name, 'failed', `ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  if (service.status !== 'ACTIVE') return check(name, 'failed', `${side.service} is ${service.status}.`);
  if (service.controller === 'CODE_DEPLOY') {
    return check(
      name,
      'failed',
      `CodeDeploy deploys ${side.service}, and going through it is not available yet: stop or redeploy there.`,
    );
  }
  if (service.controller === 'EXTERNAL') {
    return check(name, 'failed', `An external controller deploys ${side.service}: roll back with that controller.`);
  }
  if (service.strategy !== 'ROLLING') {
    return check(
      name,
      'failed',
      `ECS itself moves the traffic of ${side.service} (${service.strategy}), and going through that is not available yet: ` +
        'stop its deployment with rollback, or update the service by hand.',
    );
  }
  return check(name, 'ok', `ECS deploys ${side.service}, rolling.`);
}

function circuitBreaker({ side, service }: SideFacts): Check {
  const name = `circuit breaker of ${side.name}`;
  if (!service) return check(name, 'not checked', 'There is no service.');
  const state = primaryDeployment(service)?.rolloutStateReason ?? '';
  if (/circuit breaker: rolling back|alarm.*rolling back/i.test(state)) {
    return check(name, 'warning', `ECS is rolling back by itself: ${state}`);
  }
  const alarms = service.deploymentAlarms;
  const watching =
    alarms.length > 0 ? ` ECS watches ${alarms.join(', ')}, but not in a deployment that starts while one is on.` : '';
  if (service.circuitBreaker.enabled) {
    const undoes = service.circuitBreaker.rollback ? 'rolls back' : 'stops';
    return check(name, 'ok', `Enabled: ECS ${undoes} a deployment whose tasks do not start.${watching}`);
  }
  return check(name, 'ok', `Disabled: only this rollback notices tasks that do not start.${watching}`);
}

function inFlight({ side, service }: SideFacts, facts: PlanFacts): Check {
  const name = `deployment of ${side.name}`;
  const primary = service && primaryDeployment(service);
  if (!primary) return check(name, 'not checked', 'ECS reports no deployment.');
  const what = `${primary.id} to ${familyRevision(primary.taskDefinition)}, begun ${primary.createdAt}`;
  const fix = youngerThanAlarm({ side, service }, facts);
  if (fix) return check(name, 'warning', `${fix} A person is asked.`);
  const toTarget = facts.choice.kind === 'found' && primary.taskDefinition === facts.choice.release.taskDefinition;
  if (primary.rolloutState !== 'IN_PROGRESS')
    return check(name, 'ok', `None under way: ${what}, is ${primary.rolloutState ?? 'in service'}.`);
  if (toTarget) return check(name, 'ok', `${what}, is under way to the target itself.`);
  return check(name, 'warning', `${what}, is still under way and will be replaced.`);
}

function traffic(facts: PlanFacts): Check[] {
  const { rules, sides } = facts;
  if (rules.length === 0) return [];
  const several = sides.length > 1;
  const stray = strayRules(facts);
  return rules.map(({ rule, weights, problem }) => {
    const name = `rule ${rule.split('/').at(-1)}`;
    // With one side the weights are not ours to change, so they hinder nothing.
    const bad: CheckStatus = several ? 'failed' : 'warning';
    if (!weights) return check(name, bad, problem ?? `${rule} forwards to no target group.`);
    const shown = describeWeights(weights.weights);
    if (Object.values(weights.weights).every((weight) => weight === 0))
      return check(name, bad, `All weights are 0: ${shown}.`);
    if (stray.some((other) => other.rule === rule))
      return check(name, 'warning', `No weight goes to this service: ${shown}. The rule is left alone.`);
    const holding = several ? sides.find(({ targetGroup }) => targetGroup?.sticky) : undefined;
    if (holding) return check(name, 'failed', heldBySessions(shown, targetGroupName(holding.side.targetGroup ?? '')));
    const sticky = weights.stickiness.enabled ? ', group stickiness on' : '';
    return check(name, 'ok', `${shown}${sticky}.`);
  });
}

/** ELBv2 refuses to switch group stickiness off while one of the rule's target groups is sticky itself. */
const heldBySessions = (shown: string, group: string): string =>
  `${shown}. Sessions stick to the targets of ${group} (stickiness.enabled), so AWS keeps group stickiness on, and that keeps ` +
  'clients where they are whatever the weights say: switch stickiness.enabled off on every target group of the rule, or roll back by hand.';

/** Whether who is to serve in the end can. */
function capacity(facts: PlanFacts, mechanism: Mechanism | undefined): Check {
  if (mechanism?.kind !== 'actions') return check('capacity', 'not checked', 'Nothing is to be moved.');
  const { to } = mechanism;
  const desired = facts.sides.map(({ service }) => service?.desiredCount ?? 0);
  const required = requiredTargets(desired);
  const ownDesired = to.service?.desiredCount ?? 0;
  if (revertedSides(facts, mechanism).includes(to)) {
    const evidence = `Side ${to.side.name} wants ${ownDesired} tasks, ${required} are required.`;
    return check('capacity', ownDesired >= required ? 'ok' : 'failed', evidence);
  }
  if (!to.health) return check('capacity', 'failed', `Side ${to.side.name} has no target group to move traffic to.`);
  const weak = tooFewTargets([to.health], required);
  if (weak) return check('capacity', 'failed', weak);
  return check('capacity', 'ok', `${describeHealth(to.health)}, ${required} required.`);
}

const check = (name: string, status: CheckStatus, evidence: string): Check => ({ name, status, evidence });
const notBuilt = (name: string, evidence: string): Check => check(name, 'not checked', evidence);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
