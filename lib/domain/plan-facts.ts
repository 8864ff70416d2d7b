/** Everything that Plan reads once, before it decides. */
import type { DatabaseFacts } from './database.ts';
import { familyRevision, primaryDeployment, type ServiceView, type TaskDefinitionView } from './ecs.ts';
import type { ImageVerdict } from './images.ts';
import type {
  ContainerImage,
  CopyOrder,
  Manager,
  Release,
  RollbackContext,
  RuleWeights,
  ServiceConfiguration,
  Side,
  SideState,
} from './model.ts';
import type { NeedFacts } from './needs.ts';
import type { GroupsReading } from './overlaps.ts';
import type { Ledger } from './registration.ts';
import type { Rollout } from './reversal/rollout.ts';
import type { ScalableTarget } from './scaling.ts';
import type { StackView } from './stack.ts';
import { type Suspect, sameCode, type TargetChoice } from './target.ts';
import { sameContent } from './task-definition-copy.ts';
import type { TargetHealth } from './traffic.ts';

export interface PlanFacts {
  readonly now: string;
  readonly context: RollbackContext;
  readonly configuration: ServiceConfiguration;
  readonly sides: readonly SideFacts[];
  readonly rules: readonly RuleFacts[];
  /** Absent where none is configured. */
  readonly database?: DatabaseFacts;
  /** Absent where nobody read it. */
  readonly ledger?: Ledger;
  /** Deployment groups of CodeDeploy; absent where nobody asked. */
  readonly codeDeploy?: GroupsReading;
  /** Absent where no side has a deployment. */
  readonly suspect?: Suspect;
  readonly choice: TargetChoice;
  /** Undefined where ECS knows no such revision, or none was chosen. */
  readonly targetDefinition?: TaskDefinitionView;
  /** One of each container of the target's definition; absent where there is none. */
  readonly images?: readonly ImageVerdict[];
  /** What else the target's definition needs; absent where there is none. */
  readonly needs?: readonly NeedFacts[];
  /** How the target comes back where its own definition does not do; absent where it does. */
  readonly copy?: CopyOrder;
  /** Who manages what the plan may change. */
  readonly managers?: readonly Manager[];
  /** Absent where none are configured, or the service has no target. */
  readonly companions?: readonly CompanionFacts[];
  /** Newer good releases that were passed over, and why. */
  readonly passedOver?: readonly PassedOver[];
}

/** What is gone back to, and what became of it. */
export type Goal = Pick<PlanFacts, 'choice' | 'targetDefinition' | 'images' | 'needs' | 'copy'>;

/** A companion, and what it goes back to with the service. */
export interface CompanionFacts {
  readonly unit: SideFacts;
  readonly goal: Goal;
}

export interface PassedOver {
  readonly release: Pick<Release, 'version' | 'taskDefinition'>;
  /** As a sentence. */
  readonly why: string;
}

/** Of a side or companion. */
export interface SideFacts {
  readonly side: Side;
  /** Undefined when ECS does not know the service. */
  readonly service?: ServiceView;
  /** The deployment of it that is under way; absent where there is none. */
  readonly rollout?: Rollout;
  /** What Application Auto Scaling does with it; absent where it does nothing. */
  readonly scaling?: ScalableTarget;
  /** The CloudFormation stack that it belongs to; absent where it belongs to none. */
  readonly stack?: StackView;
  /** Of the task definition that the service is on. */
  readonly definition?: TaskDefinitionView;
  /** Of its deployment, with the digests that run; absent where ECS does not tell them. */
  readonly images?: readonly ContainerImage[];
  /** Both undefined for services without a target group. */
  readonly health?: TargetHealth;
  readonly targetGroup?: TargetGroupView;
  /** Requests that its target group had since the side's deployment began; absent where nobody could tell. */
  readonly answeredRequests?: number;
}

export interface TargetGroupView {
  /** How long a leaving target may finish its requests, seconds. */
  readonly deregistrationSeconds: number;
  /** How long a new target takes to be called healthy at best, seconds. */
  readonly healthySeconds: number;
  /** Sessions stick to its targets. Then AWS demands group stickiness on a rule with several groups. */
  readonly sticky: boolean;
}

export interface RuleFacts {
  readonly rule: string;
  /** Undefined where the rule cannot be read or forwards to no target group. */
  readonly weights?: RuleWeights;
  readonly problem?: string;
}

/** Sides first. */
export const unitFacts = ({ sides, companions = [] }: Pick<PlanFacts, 'sides' | 'companions'>): SideFacts[] => [
  ...sides,
  ...companions.map(({ unit }) => unit),
];

/** Weight that the rules give a side, summed over them. */
export function weightOf(side: Side, rules: readonly RuleFacts[]): number {
  if (!side.targetGroup) return 0;
  const { targetGroup } = side;
  return rules.reduce((sum, { weights }) => sum + (weights?.weights[targetGroup] ?? 0), 0);
}

/** Sides that carry traffic. A single side always does, whatever its rules say. */
export function servingSides(facts: Pick<PlanFacts, 'sides' | 'rules'>): SideFacts[] {
  if (facts.sides.length === 1) return [...facts.sides];
  return facts.sides.filter(({ side }) => weightOf(side, facts.rules) > 0);
}

/**
 * The side whose release is to go: the one that the alarm watches, if it carries traffic; else, of those that do, the
 * one with the newest deployment.
 */
export function suspectSide(
  facts: Pick<PlanFacts, 'sides' | 'rules'>,
  alarmSide: string | undefined,
): SideFacts | undefined {
  const serving = servingSides(facts).filter(({ service }) => service !== undefined);
  const begun = ({ service }: SideFacts): string => (service && primaryDeployment(service)?.createdAt) || '';
  return (
    serving.find(({ side }) => side.name === alarmSide) ?? serving.sort((a, b) => begun(b).localeCompare(begun(a)))[0]
  );
}

/** Why an alarm's start has nothing to undo: the side that its alarm watches serves nobody any more, another does. */
export function trafficHasLeft(facts: Pick<PlanFacts, 'sides' | 'rules' | 'context'>): string | undefined {
  const { trigger } = facts.context.request;
  if (trigger?.side === undefined || facts.sides.length === 1) return undefined;
  const serving = servingSides(facts).map(({ side }) => side.name);
  if (serving.length === 0 || serving.includes(trigger.side)) return undefined;
  return (
    `Alarm ${trigger.alarmName} watches side ${trigger.side}, which has no traffic any more: side ${serving.join(' and ')} serves. ` +
    'Somebody has moved it, so there is nothing to undo.'
  );
}

/**
 * Whether a side's service is on the target: on its task definition, or on its version under a family of its own, and
 * not with other images; or on another revision with the very same content and digests.
 */
export function isOnTarget(
  { service, definition, images = [] }: SideFacts,
  target: Pick<Release, 'taskDefinition' | 'version' | 'images'>,
  targetDefinition: TaskDefinitionView | undefined,
): boolean {
  if (!service) return false;
  const taskDefinition = primaryDeployment(service)?.taskDefinition ?? service.taskDefinition;
  if (sameCode({ taskDefinition, version: versionIn(definition, taskDefinition), images }, target)) return true;
  if (!targetDefinition || definition?.taskDefinition !== taskDefinition) return false;
  return sameDigests(images, target.images) && sameContent(definition.document, targetDefinition.document);
}

/** Known of every container, and equal. */
function sameDigests(a: readonly ContainerImage[], b: readonly ContainerImage[]): boolean {
  const known = (images: readonly ContainerImage[]): string[] =>
    images.map(({ container, digest = '' }) => `${container} ${digest}`).sort();
  return a.length > 0 && [...a, ...b].every(({ digest }) => digest) && known(a).join() === known(b).join();
}

/** What a deployment that was begun after the alarm may be, in a sentence; undefined where a side has none. */
export function youngerThanAlarm(
  { side, service }: SideFacts,
  { context, choice, suspect }: Pick<PlanFacts, 'context' | 'choice' | 'suspect'>,
): string | undefined {
  const primary = service && primaryDeployment(service);
  const { trigger } = context.request;
  if (!primary || !trigger) return undefined;
  // A release of another side than the suspect's cannot be the cause of what began before it, so it counts from then on.
  const other = suspect !== undefined && suspect.side !== side.name;
  const troubleSince = other ? trigger.troubleSince : undefined;
  if (primary.createdAt <= (troubleSince ?? trigger.time)) return undefined;
  // To the target itself, whoever began it: that is joined.
  if (choice.kind === 'found' && primary.taskDefinition === choice.release.taskDefinition) return undefined;
  return (
    `Deployment ${primary.id} of ${side.name} to ${familyRevision(primary.taskDefinition)} began at ${primary.createdAt}, after the ` +
    `${troubleSince ? `trouble did (${troubleSince})` : `alarm of ${trigger.time}`}: it may be the fix.`
  );
}

export function sideState(facts: SideFacts, version: string): SideState | undefined {
  const { side, service, health } = facts;
  if (!service) return undefined;
  const primary = primaryDeployment(service);
  return {
    side: side.name,
    taskDefinition: service.taskDefinition,
    version,
    deploymentStartedAt: primary?.createdAt ?? '',
    desiredCount: service.desiredCount,
    runningCount: service.runningCount,
    // A worker has no targets: its running tasks stand in.
    healthyTargets: health?.healthy ?? service.runningCount,
    controller: service.controller,
    rolloutState: primary?.rolloutState ?? 'unknown',
  };
}

/** The version that a described task definition has; its own name when it is not the one asked about. */
function versionIn(definition: TaskDefinitionView | undefined, taskDefinition: string): string {
  return definition?.taskDefinition === taskDefinition ? definition.version : taskDefinition;
}
