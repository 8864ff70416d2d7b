/**
 * RecordRelease: keeps the ledger. EventBridge sends it every ECS deployment that completes on a configured service, at
 * least once and perhaps twice.
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
export interface DeploymentEvent {
  /** The service's ARN comes first. */
  readonly resources: readonly string[];
  /** ISO 8601. */
  readonly time: string;
  readonly detail: { readonly eventName: string; readonly deploymentId: string };
}

export interface RecordReleaseResult {
  readonly recorded: boolean;
  readonly reason: string;
}

export async function handler(event: DeploymentEvent): Promise<RecordReleaseResult> {
  const { eventName, deploymentId } = event.detail;
  if (eventName !== 'SERVICE_DEPLOYMENT_COMPLETED') return ignored(`${eventName} brings nothing into service.`);
  const serviceArn = event.resources[0] ?? '';
  const configured = await findSide(serviceArn);
  if (!configured) return ignored(`${serviceArn} belongs to no configured service.`);
  const { configuration, side } = configured;
  const { service } = configuration;
  const view = await describeSide(side);
  const deployment = view?.deployments.find((candidate) => candidate.id === deploymentId);
  // A newer deployment took its place before the event arrived: that one has an event of its own.
  if (!view || !deployment) return ignored(`${deploymentId} is no longer a deployment of ${serviceArn}.`);
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

async function findSide(serviceArn: string): Promise<Configured | undefined> {
  const pointers = await listPointers(setting('ENVIRONMENT'));
  const configurations = await Promise.all(
    pointers.map(({ key, sha256 }) => readConfiguration({ configurationKey: key, configurationSha256: sha256 })),
  );
  for (const configuration of configurations) {
    const side = sideWithArn(configuration, serviceArn);
    if (side) return { configuration, side };
  }
  return undefined;
}

/** `arn:aws:ecs:<region>:<account>:service/<cluster>/<service>`; a configuration may hold names or ARNs. */
function sideWithArn(configuration: ServiceConfiguration, serviceArn: string): Side | undefined {
  const [cluster, name] = serviceArn.split('/').slice(-2);
  return unitsOf(configuration).find((side) => lastPart(side.cluster) === cluster && lastPart(side.service) === name);
}

const lastPart = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? nameOrArn;

const ignored = (reason: string): RecordReleaseResult => ({ recorded: false, reason });
