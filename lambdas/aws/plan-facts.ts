/**
 * Everything that a plan is decided on, read with as few calls behind one another as there can be: configuration;
 * services, rules, targets and ledger; current task definitions and, where the ledger is not enough, ECS's history;
 * the target's task definition.
 */
import { requestsIn, requestsSince } from '../../lib/domain/answered-requests.ts';
import { releaseInService } from '../../lib/domain/attribution.ts';
import { managerOf } from '../../lib/domain/drift/managers.ts';
import { primaryDeployment } from '../../lib/domain/ecs.ts';
import type {
  Json,
  Manager,
  Release,
  RollbackContext,
  RollbackRecord,
  ServiceConfiguration,
  Side,
  Tag,
} from '../../lib/domain/model.ts';
import { type PlanFacts, type RuleFacts, type SideFacts, suspectSide } from '../../lib/domain/plan-facts.ts';
import { type Candidate, candidatesFrom, type SideHistory } from '../../lib/domain/releases.ts';
import { broughtBy, completed, type Suspect, settles } from '../../lib/domain/target.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { type Copy, readCompanions } from './companion-facts.ts';
import { readDeploymentGroups } from './deployment-groups.ts';
import { readConfiguration } from './documents.ts';
import {
  describeServiceRevisions,
  describeSide,
  describeTaskDefinition,
  imagesAsRun,
  listServiceDeployments,
} from './ecs.ts';
import { describeTargetGroup, readActions, readTags, targetHealth } from './elbv2.ts';
import { listLedger, listRollbacks } from './ledger.ts';
import { readSeries } from './metrics.ts';
import { readDatabase } from './rds.ts';
import { readRollout } from './rollouts.ts';
import { readScaling, scalableResource } from './scaling.ts';
import { readStack } from './stacks.ts';
import { readTarget } from './target-facts.ts';

export interface ReadFacts {
  readonly facts: PlanFacts;
  /** AWS's own answers, for the checkpoint only: task definitions hold environments. */
  readonly documents: Readonly<Record<string, Json>>;
  /** What is to be registered where a task definition does not do. */
  readonly copies: readonly Copy[];
}

/** With the configuration that Admit pinned. */
export async function readFacts(context: RollbackContext, now: string): Promise<ReadFacts> {
  return readFactsOf(await readConfiguration(context), context, now);
}

export async function readFactsOf(
  configuration: ServiceConfiguration,
  context: RollbackContext,
  now: string,
): Promise<ReadFacts> {
  const { database: configured, companions = [] } = configuration;
  // Begun here and needed last: RDS and CodeDeploy, which have bounds of their own, delay nothing that is read meanwhile.
  const reading = configured && readDatabase(configured);
  const groups = readDeploymentGroups();
  const [sides, others, rules, recorded, rollbacks, tags] = await Promise.all([
    Promise.all(configuration.sides.map(readSide)),
    Promise.all(companions.map(readSide)),
    Promise.all(configuration.traffic.rules.map(readRule)),
    listLedger(context.service),
    listRollbacks(context.service, ''),
    // Who manages a rule is told in the report: that it cannot be told hinders nothing. With one side no rule is moved.
    configuration.sides.length > 1 ? readTags(configuration.traffic.rules).catch(() => undefined) : {},
  ]);
  const { releases: ledger, registrations } = recorded;
  const { trigger, takeOver } = context.request;
  const suspect = suspectOf(suspectSide({ sides, rules }, trigger?.side), ledger, rollbacks, takeOver);
  const weigh = (history: readonly SideHistory[]): Candidate[] =>
    candidatesFrom({
      service: context.service,
      ledger,
      rollbacks,
      history,
      registrations,
      bakeMinutes: configuration.policy.bakeMinutes,
      now,
      // Companions follow: the sides choose.
    }).filter(({ release }) => configuration.sides.some(({ name }) => name === release.side));
  const { version } = context.request;
  const known = weigh([]);
  const [described, units, candidates] = await Promise.all([
    Promise.all(
      sides.map(async (side) => {
        const [defined, hands, requests] = await Promise.all([
          withDefinition(side),
          withHands(side),
          answered(configuration, side, now),
        ]);
        return { ...hands, ...defined, ...requests };
      }),
    ),
    Promise.all(others.map(async (unit) => ({ ...(await withHands(unit)), ...(await withDefinition(unit)) }))),
    suspect && !settles(version, suspect, known)
      ? Promise.all(configuration.sides.map(readHistory)).then(weigh)
      : known,
  ]);
  const exact = suspect && withVersion(suspect, described);
  const [target, database] = await Promise.all([
    readTarget({ context, configuration, sides: described, candidates, ...(exact && { suspect: exact }) }),
    reading,
  ]);
  const { choice } = target.facts;
  const following =
    exact && choice.kind === 'found' && units.length > 0
      ? await readCompanions({
          now,
          context,
          configuration,
          units,
          target: completed(choice.release, target.facts.targetDefinition),
          suspect: exact,
          ledger,
          rollbacks,
          readHistory,
        })
      : undefined;
  const facts: PlanFacts = {
    now,
    context,
    configuration,
    sides: described,
    rules,
    ...(database && { database }),
    ledger: recorded,
    codeDeploy: await groups,
    managers: managersOf([...described, ...units], configuration, tags),
    ...(exact && { suspect: exact }),
    ...target.facts,
    ...(following && { companions: following.companions }),
  };
  const { copy } = target.facts;
  const own = copy && target.copyBody !== undefined ? [{ order: copy, body: target.copyBody }] : [];
  const copies = [...own, ...(following?.copies ?? [])];
  return { facts, documents: documentsOf([...described, ...units], rules), copies };
}

// ---------------------------------------------------------------- sides and rules

async function readSide(side: Side): Promise<SideFacts> {
  const { targetGroup: arn } = side;
  const [service, health, targetGroup] = await Promise.all([
    describeSide(side),
    arn ? targetHealth(arn) : undefined,
    arn ? describeTargetGroup(arn) : undefined,
  ]);
  return { side, ...(service && { service }), ...(health && { health }), ...(targetGroup && { targetGroup }) };
}

/** Who else has a hand in the service: the deployment under way, what scales it, the stack that it belongs to. */
async function withHands(facts: SideFacts): Promise<SideFacts> {
  const { side, service } = facts;
  const [rollout, scaling, stack] = await Promise.all([
    readRollout(side, service),
    // What rests during the rollback is told in the plan; that it cannot be told hinders nothing.
    readScaling(scalableResource(side)).catch(() => undefined),
    service?.stack === undefined ? undefined : readStack(service.stack),
  ]);
  return { ...facts, ...(rollout && { rollout }), ...(scaling && { scaling }), ...(stack && { stack }) };
}

async function withDefinition(facts: SideFacts): Promise<SideFacts> {
  const { service } = facts;
  const primary = service && primaryDeployment(service);
  const [definition, images] = await Promise.all([
    service && describeTaskDefinition(service.taskDefinition),
    service && primary ? imagesAsRun(service, primary, undefined) : [],
  ]);
  return { ...facts, ...(definition && { definition }), ...(images.length > 0 && { images }) };
}

/** Where two sides share the traffic: whether the tasks of each have served. CloudWatch's silence leaves it open. */
async function answered(
  configuration: ServiceConfiguration,
  { side, service }: SideFacts,
  now: string,
): Promise<Pick<SideFacts, 'answeredRequests'>> {
  const since = service && primaryDeployment(service)?.createdAt;
  if (configuration.sides.length < 2 || !since) return {};
  const asked = requestsSince(configuration, side.name, since, now);
  if (!asked) return { answeredRequests: 0 };
  try {
    return { answeredRequests: requestsIn(await readSeries(asked.queries, asked.from, asked.to)) };
  } catch {
    return {};
  }
}

interface ReadRule extends RuleFacts {
  readonly actions: Json;
}

/** A rule that cannot be read is a finding of the plan, not the end of it: with one side nothing depends on it. */
async function readRule(rule: string): Promise<ReadRule> {
  try {
    const actions = await readActions(rule);
    const weights = weightsOf(rule, actions);
    return { rule, actions: JSON.parse(JSON.stringify(actions)) as Json, ...(weights && { weights }) };
  } catch (error) {
    const problem = `${rule} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { rule, actions: null, problem };
  }
}

/** @param tags of the rules, by ARN; undefined where they could not be read */
function managersOf(
  sides: readonly SideFacts[],
  { sides: { length }, traffic }: ServiceConfiguration,
  tags: Readonly<Record<string, readonly Tag[]>> | undefined,
): Manager[] {
  const services = sides.flatMap(({ service }) => (service ? [managerOf(service.serviceArn, service.tags)] : []));
  const rules = length > 1 ? traffic.rules.map((rule) => managerOf(rule, tags && (tags[rule] ?? []))) : [];
  return [...services, ...rules];
}

// ---------------------------------------------------------------- suspect and target

function suspectOf(
  facts: SideFacts | undefined,
  ledger: readonly Release[],
  rollbacks: readonly RollbackRecord[],
  takeOver: string | undefined,
): Suspect | undefined {
  const inService = facts?.service && releaseInService(facts.service, ledger, rollbacks);
  if (!inService) return undefined;
  const { side, taskDefinition, begunAt } = inService;
  const recorded = ledger.find((release) => release.taskDefinition === taskDefinition);
  const by = broughtBy(inService, rollbacks, takeOver);
  return {
    side,
    taskDefinition,
    begunAt,
    version: recorded?.version ?? taskDefinition,
    ...(by !== undefined && { broughtBy: by }),
  };
}

/** The version as the described task definition has it, and what runs, now that they are known. */
function withVersion(suspect: Suspect, sides: readonly SideFacts[]): Suspect {
  const found = sides.find(({ definition }) => definition?.taskDefinition === suspect.taskDefinition);
  const images = sides.find(({ side }) => side.name === suspect.side)?.images;
  return {
    ...suspect,
    ...(found?.definition && { version: found.definition.version }),
    ...(images && { images }),
  };
}

/** ECS's own memory of 90 days, three calls behind one another: only where the ledger does not know enough. */
async function readHistory(side: Side): Promise<SideHistory> {
  const deployments = await listServiceDeployments(side);
  const arns = deployments.flatMap(({ targetRevision = [], rollbackRevision = [] }) =>
    [targetRevision, rollbackRevision].flat(),
  );
  const revisions = await describeServiceRevisions([...new Set(arns)]);
  return { side: side.name, deployments, revisions };
}

function documentsOf(sides: readonly SideFacts[], rules: readonly ReadRule[]): Record<string, Json> {
  return {
    services: Object.fromEntries(sides.map(({ side, service }) => [side.name, service?.document ?? null])),
    taskDefinitions: Object.fromEntries(
      sides.flatMap(({ definition }) =>
        definition ? [[definition.taskDefinition, definition.document] as const] : [],
      ),
    ),
    rules: Object.fromEntries(rules.map(({ rule, actions }) => [rule, actions])),
  };
}
