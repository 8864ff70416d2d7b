/**
 * Everything that a plan is decided on, read with as few calls behind one another as there can be: configuration;
 * services, rules, targets and ledger; current task definitions and, where the ledger is not enough, ECS's history;
 * the target's task definition.
 */
import { requestsIn, requestsSince } from '../../lib/domain/answered-requests.ts';
import { releaseInService } from '../../lib/domain/attribution.ts';
import { primaryDeployment, type TaskDefinitionView } from '../../lib/domain/ecs.ts';
import type {
  Json,
  Release,
  RollbackContext,
  RollbackRecord,
  ServiceConfiguration,
  Side,
} from '../../lib/domain/model.ts';
import { type PlanFacts, type RuleFacts, type SideFacts, suspectSide } from '../../lib/domain/plan-facts.ts';
import { type Candidate, candidatesFrom, type SideHistory } from '../../lib/domain/releases.ts';
import { chooseTarget, type Suspect, settles, type TargetChoice } from '../../lib/domain/target.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { readConfiguration } from './documents.ts';
import { describeServiceRevisions, describeSide, describeTaskDefinition, listServiceDeployments } from './ecs.ts';
import { describeTargetGroup, readActions, targetHealth } from './elbv2.ts';
import { listReleases, listRollbacks } from './ledger.ts';
import { readSeries } from './metrics.ts';
import { readDatabase } from './rds.ts';

export interface ReadFacts {
  readonly facts: PlanFacts;
  /** AWS's own answers, for the checkpoint only: task definitions hold environments. */
  readonly documents: Readonly<Record<string, Json>>;
}

export async function readFacts(context: RollbackContext, now: string): Promise<ReadFacts> {
  const configuration = await readConfiguration(context);
  const { database: configured } = configuration;
  // Begun here and needed last: RDS, which has a bound of its own, delays nothing that is read meanwhile.
  const reading = configured && readDatabase(configured);
  const [sides, rules, ledger, rollbacks] = await Promise.all([
    Promise.all(configuration.sides.map(readSide)),
    Promise.all(configuration.traffic.rules.map(readRule)),
    listReleases(context.service),
    listRollbacks(context.service, ''),
  ]);
  const alarmSide = watchedSide(configuration, context.request.trigger?.alarmName);
  const suspect = suspectOf(suspectSide({ sides, rules }, alarmSide), ledger, rollbacks);
  const weigh = (history: readonly SideHistory[]): Candidate[] =>
    candidatesFrom({
      service: context.service,
      ledger,
      rollbacks,
      history,
      bakeMinutes: configuration.policy.bakeMinutes,
      now,
    });
  const { version } = context.request;
  const known = weigh([]);
  const [described, candidates] = await Promise.all([
    Promise.all(
      sides.map(async (side) => ({ ...(await withDefinition(side)), ...(await answered(configuration, side, now)) })),
    ),
    suspect && !settles(version, suspect, known) ? readHistory(configuration.sides).then(weigh) : known,
  ]);
  const exact = suspect && withVersion(suspect, described);
  const choice: TargetChoice = exact
    ? chooseTarget({ service: context.service, version, suspect: exact, candidates })
    : { kind: 'none', reason: 'No side has a deployment that could be rolled back.' };
  const [targetDefinition, database] = await Promise.all([definitionOf(choice, described), reading]);
  const facts: PlanFacts = {
    now,
    context,
    configuration,
    sides: described,
    rules,
    ...(database && { database }),
    choice,
    ...(exact && { suspect: exact }),
    ...(targetDefinition && { targetDefinition }),
  };
  return { facts, documents: documentsOf(described, rules) };
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

async function withDefinition(facts: SideFacts): Promise<SideFacts> {
  const definition = facts.service && (await describeTaskDefinition(facts.service.taskDefinition));
  return definition ? { ...facts, definition } : facts;
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

/** The side that an alarm watches, where it watches one. */
function watchedSide(configuration: ServiceConfiguration, alarmName: string | undefined): string | undefined {
  const alarms = configuration.triggers.flatMap((trigger) => trigger.alarms);
  return alarms.find((alarm) => alarm.name === alarmName)?.side;
}

// ---------------------------------------------------------------- suspect and target

function suspectOf(
  facts: SideFacts | undefined,
  ledger: readonly Release[],
  rollbacks: readonly RollbackRecord[],
): Suspect | undefined {
  const inService = facts?.service && releaseInService(facts.service, ledger, rollbacks);
  if (!inService) return undefined;
  const { side, taskDefinition, begunAt } = inService;
  const recorded = ledger.find((release) => release.taskDefinition === taskDefinition);
  return { side, taskDefinition, begunAt, version: recorded?.version ?? taskDefinition };
}

/** The version as the described task definition has it, now that it is known. */
function withVersion(suspect: Suspect, sides: readonly SideFacts[]): Suspect {
  const definition = sides.find(
    ({ definition: found }) => found?.taskDefinition === suspect.taskDefinition,
  )?.definition;
  return definition ? { ...suspect, version: definition.version } : suspect;
}

/** ECS's own memory of 90 days, three calls behind one another: only where the ledger does not know enough. */
async function readHistory(sides: readonly Side[]): Promise<SideHistory[]> {
  return Promise.all(
    sides.map(async (side) => {
      const deployments = await listServiceDeployments(side);
      const arns = deployments.flatMap(({ targetRevision = [], rollbackRevision = [] }) =>
        [targetRevision, rollbackRevision].flat(),
      );
      const revisions = await describeServiceRevisions([...new Set(arns)]);
      return { side: side.name, deployments, revisions };
    }),
  );
}

async function definitionOf(
  choice: TargetChoice,
  sides: readonly SideFacts[],
): Promise<TaskDefinitionView | undefined> {
  if (choice.kind === 'none') return undefined;
  const { taskDefinition } = choice.release;
  const described = sides.find(({ definition }) => definition?.taskDefinition === taskDefinition)?.definition;
  return described ?? describeTaskDefinition(taskDefinition);
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
