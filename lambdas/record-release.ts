/**
 * RecordRelease: keeps the ledger. EventBridge sends it every deployment by ECS or CodeDeploy that completes on a configured
 * service, at least once and perhaps twice; of CodeDeploy's, which are sent as AWS can, one may be missing.
 *
 * A release that completes after a rollback ends what infrastructure as code disagreed with, and pipelines are told.
 *
 * A release is recorded as `unverified`; lib/domain/releases.ts says when it counts as good. Old ones that nobody needs any
 * more get their end here (lib/domain/retention.ts).
 *
 * Calls: ssm:GetParametersByPath, s3:GetObject, ecs:DescribeServices, ecs:DescribeTaskDefinition,
 * ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * application-autoscaling:DescribeScalableTargets, ssm:DescribeParameters, secretsmanager:DescribeSecret, s3:PutObject,
 * dynamodb:Query, dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import { isOwnDeployment } from '../lib/domain/attribution.ts';
import { recordDeployment } from '../lib/domain/deployment-event.ts';
import { versionOf } from '../lib/domain/ecs.ts';
import type { ServiceConfiguration, Side } from '../lib/domain/model.ts';
import { termsOf } from '../lib/domain/retention.ts';
import { isCompanion, unitsOf } from '../lib/domain/units.ts';
import { readConfiguration } from './aws/documents.ts';
import { endDrift } from './aws/drift.ts';
import { describeSide, describeTaskDefinition, imagesAsRun } from './aws/ecs.ts';
import { setting } from './aws/environment.ts';
import { listLedger, listRollbacks, putRelease, setTerms } from './aws/ledger.ts';
import { listPointers } from './aws/parameters.ts';
import { readReleaseState } from './aws/release-state.ts';

/** The part of an `ECS Deployment State Change` event that is read. */
interface EcsEvent {
  /** The service's ARN comes first. */
  readonly resources: readonly string[];
  /** ISO 8601. */
  readonly time: string;
  readonly detail: { readonly eventName: string; readonly deploymentId: string };
}

/** The part of a `CodeDeploy Deployment State-change Notification` that is read. The rule lets only `SUCCESS` through. */
interface CodeDeployEvent {
  readonly time: string;
  readonly detail: { readonly application: string; readonly deploymentGroup: string; readonly deploymentId: string };
}

export type DeploymentEvent = EcsEvent | CodeDeployEvent;

export interface RecordReleaseResult {
  readonly recorded: boolean;
  readonly reason: string;
}

export async function handler(event: DeploymentEvent): Promise<RecordReleaseResult> {
  const { deploymentId } = event.detail;
  if (isOfEcs(event) && event.detail.eventName !== 'SERVICE_DEPLOYMENT_COMPLETED')
    return ignored(`${event.detail.eventName} brings nothing into service.`);
  const what = whatOf(event);
  const configured = await findSide(event);
  if (!configured) return ignored(`${what} belongs to no configured service.`);
  const { configuration, side } = configured;
  const { service } = configuration;
  const view = await describeSide(side);
  const deployment = view?.deployments.find(({ id, externalId }) => [id, externalId].includes(deploymentId));
  // A newer deployment took its place before the event arrived: that one has an event of its own. Or CodeDeploy has gone
  // back to the tasks of an earlier one.
  if (!view || !deployment) return ignored(`${deploymentId} is no longer a deployment of ${what}.`);
  const [definition, ledger, rollbacks] = await Promise.all([
    describeTaskDefinition(deployment.taskDefinition),
    listLedger(service),
    listRollbacks(service, ''),
  ]);
  const { releases } = ledger;
  const images = await imagesAsRun(view, deployment, definition);
  const { taskDefinition, createdAt } = deployment;
  const own = rollbacks.some((rollback) => isOwnDeployment(rollback, side.name, taskDefinition, createdAt));
  if (!own) {
    const release = {
      side: side.name,
      companion: isCompanion(side),
      version: versionOf(taskDefinition, images),
      taskDefinition,
      deployedAt: createdAt,
    };
    await endDrift(service, release, event.time);
  }
  const decision = recordDeployment({ service, side: side.name, deployment, definition, images, releases, rollbacks });
  if (decision.kind === 'ignore') return ignored(decision.reason);
  const state = await readReleaseState(configuration, side, view, definition);
  const release = { ...decision.release, ...state };
  const recorded = await putRelease(release);
  const { bakeMinutes } = configuration.policy;
  const known = { ...ledger, ledger: [release, ...releases], rollbacks, bakeMinutes, now: event.time };
  // Tidiness only: the next deployment looks again.
  await setTerms(service, termsOf(known)).catch((error) => console.warn('Old releases keep their terms:', error));
  return { recorded, reason: decision.reason };
}

interface Configured {
  readonly configuration: ServiceConfiguration;
  readonly side: Side;
}

const isOfEcs = (event: DeploymentEvent): event is EcsEvent => 'eventName' in event.detail;

function whatOf(event: DeploymentEvent): string {
  if (isOfEcs(event)) return event.resources[0] ?? 'What has no ARN';
  const { application, deploymentGroup } = event.detail;
  return `The deployment group ${application}/${deploymentGroup}`;
}

async function findSide(event: DeploymentEvent): Promise<Configured | undefined> {
  const pointers = await listPointers(setting('ENVIRONMENT'));
  const configurations = await Promise.all(
    pointers.map(({ key, sha256 }) => readConfiguration({ configurationKey: key, configurationSha256: sha256 })),
  );
  for (const configuration of configurations) {
    const side = isOfEcs(event)
      ? sideWithArn(configuration, event.resources[0] ?? '')
      : sideWithGroup(configuration, event.detail);
    if (side) return { configuration, side };
  }
  return undefined;
}

/** `arn:aws:ecs:<region>:<account>:service/<cluster>/<service>`; a configuration may hold names or ARNs. */
function sideWithArn(configuration: ServiceConfiguration, serviceArn: string): Side | undefined {
  const [cluster, name] = serviceArn.split('/').slice(-2);
  return unitsOf(configuration).find((side) => lastPart(side.cluster) === cluster && lastPart(side.service) === name);
}

function sideWithGroup(configuration: ServiceConfiguration, of: CodeDeployEvent['detail']): Side | undefined {
  return unitsOf(configuration).find(
    ({ codeDeploy }) => codeDeploy?.application === of.application && codeDeploy.group === of.deploymentGroup,
  );
}

const lastPart = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? nameOrArn;

const ignored = (reason: string): RecordReleaseResult => ({ recorded: false, reason });
