/**
 * The checks of a plan: one function each, from facts to a sentence with the numbers or names that decide. What nobody
 * looked at is `not checked`, never ok.
 */

import { companionChecks } from './companions/checks.ts';
import { databaseCheck } from './database.ts';
import type { Mechanism } from './mechanism.ts';
import { strayRules } from './mechanism.ts';
import { migrationsSince } from './migrations.ts';
import type { Check, CheckStatus, Strategy } from './model.ts';
import { overlapCheck } from './overlaps.ts';
import { type PlanFacts, type SideFacts, youngerThanAlarm } from './plan-facts.ts';
import { deployedSideChecks, deploymentCheck } from './service-checks.ts';
import { quote } from './shell.ts';
import { requestedStrategy, strategiesOf } from './strategy.ts';
import { targetChecks } from './target-checks.ts';
import { describeWeights, requiredTargets, targetGroupName } from './traffic.ts';
import { describeHealth, tooFewTargets } from './traffic-check.ts';

/** @param mechanism undefined where no target was found */
export function checkPlan(facts: PlanFacts, mechanism: Mechanism | undefined): Check[] {
  const reverted = revertedSides(facts, mechanism);
  return [
    request(facts),
    ...targetChecks(facts),
    migrations(facts),
    databaseCheck(facts),
    ...reverted.flatMap(deployedSideChecks),
    ...facts.sides.map(({ side, service }) => overlapCheck(side, service, facts.codeDeploy)),
    ...facts.sides.map((side) => deploymentCheck(side, facts, youngerThanAlarm(side, facts))),
    ...traffic(facts),
    capacity(facts, mechanism),
    ...companionChecks(facts),
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

/** The check that tells Plan to ask. */
export const migrationsCheck = 'migrations';

/** As pipelines told. Where one did not, and there is a database, the policy decides what not knowing means. */
function migrations({ choice, sides, ledger, configuration: { database: configured, policy } }: PlanFacts): Check {
  const found = choice.kind === 'found' && ledger ? migrationsSince(choice.release, sides, ledger) : undefined;
  if (found?.kind === 'destructive') return check(migrationsCheck, 'failed', found.evidence);
  if (found?.kind === 'told') return check(migrationsCheck, 'ok', found.evidence);
  const between = found?.evidence ?? 'Which migrations lie between the target and now is not known';
  if (!configured) return notBuilt(migrationsCheck, `${between}; no database is configured.`);
  const { unknownMigrations } = policy;
  const means = { ask: 'a person is asked', proceed: 'the rollback goes on', block: 'the rollback is blocked' };
  const evidence = `${between}: by policy.unknownMigrations ("${unknownMigrations}") ${means[unknownMigrations]}.`;
  const status = { ask: 'not checked', proceed: 'warning', block: 'failed' } as const;
  return check(migrationsCheck, status[unknownMigrations], evidence);
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
  const shifts = mechanism.actions.some(({ type }) => type === 'ShiftTraffic');
  if (!shifts && revertedSides(facts, mechanism).length === 0) {
    return check('capacity', 'not checked', 'Only companions are reverted: who serves stays as it is.');
  }
  const { to } = mechanism;
  const desired = facts.sides.map(({ service }) => service?.desiredCount ?? 0);
  const required = requiredTargets(desired);
  const ownDesired = to.service?.desiredCount ?? 0;
  if (revertedSides(facts, mechanism).includes(to)) {
    // With one side nothing takes traffic from another: who wants no tasks gets none.
    if (ownDesired === 0 && facts.sides.length === 1) {
      const none = `${to.side.service} wants no tasks: its definition goes back, and nothing can be measured until it has some.`;
      return check('capacity', 'warning', none);
    }
    return ownDesired >= required
      ? check('capacity', 'ok', `${wants(to, required)}.`)
      : check('capacity', 'failed', wantsTooFew(facts, to, required));
  }
  if (!to.health) return check('capacity', 'failed', `Side ${to.side.name} has no target group to move traffic to.`);
  const weak = tooFewTargets([to.health], required);
  if (weak) return check('capacity', 'failed', ownDesired < required ? wantsTooFew(facts, to, required) : weak);
  return check('capacity', 'ok', `${describeHealth(to.health)}, ${required} required.`);
}

const wants = ({ side, service }: SideFacts, required: number): string =>
  `Side ${side.name} wants ${service?.desiredCount ?? 0} tasks, ${required} are required`;

/** A rollback starts no tasks that nobody wants: how many a side needs is for whoever took them out to say. */
function wantsTooFew({ sides, configuration }: PlanFacts, to: SideFacts, required: number): string {
  const { cluster, service } = to.side;
  const scaledIn = configuration.policy.badSide === 'scale-in' && to.service?.desiredCount === 0;
  const why = scaledIn ? ': policy.badSide is "scale-in", so an earlier rollback took them out' : '';
  const count = Math.max(...sides.map((one) => one.service?.desiredCount ?? 0));
  return (
    `${wants(to, required)}${why}. Have it start them, and start again once they are healthy: ` +
    `aws ecs update-service --cluster ${quote(cluster)} --service ${quote(service)} --desired-count ${count}`
  );
}

const check = (name: string, status: CheckStatus, evidence: string): Check => ({ name, status, evidence });
const notBuilt = (name: string, evidence: string): Check => check(name, 'not checked', evidence);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
