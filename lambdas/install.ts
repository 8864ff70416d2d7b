/**
 * Install: CloudFormation's custom resource. On Create and Update it copies every service's compiled configuration to
 * the bucket, with the names filled in that only the deployment knows, and imports what each side and companion runs as an `assumed-good` release. Delete removes nothing: the ledger outlives
 * the stack.
 *
 * CloudFormation waits an hour for an answer, so one is always given, and a failure says why in a sentence.
 *
 * Calls: s3:GetObject (on the deployment's asset bucket), s3:PutObject, ecs:DescribeServices,
 * ecs:DescribeTaskDefinition, ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners, application-autoscaling:DescribeScalableTargets, ssm:DescribeParameters,
 * secretsmanager:DescribeSecret, dynamodb:Query, dynamodb:PutItem
 */
import { primaryDeployment, versionOf } from '../lib/domain/ecs.ts';
import type { Release, ServiceConfiguration, Side } from '../lib/domain/model.ts';
import { unitsOf } from '../lib/domain/units.ts';
import { importConfiguration } from './aws/documents.ts';
import { describeSide, describeTaskDefinition, imagesAsRun } from './aws/ecs.ts';
import { listReleases, putRelease } from './aws/ledger.ts';
import { readReleaseState } from './aws/release-state.ts';

/** CloudFormation's request, as far as it is read. */
export interface InstallEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: { readonly Environment: string; readonly Configurations: readonly ConfigurationAsset[] };
}

export interface ConfigurationAsset {
  readonly Service: string;
  readonly SourceBucket: string;
  readonly SourceKey: string;
  readonly Sha256: string;
  /** What stands in the asset for names that only CloudFormation knows. The hash of the result is then answered. */
  readonly Substitutions?: readonly { readonly StandIn: string; readonly Value: string }[];
}

interface Installed {
  readonly service: string;
  readonly sha256: string;
  /** What was done for each side, in sentences. */
  readonly imported: readonly string[];
}

export async function handler(event: InstallEvent): Promise<void> {
  try {
    const assets = event.RequestType === 'Delete' ? [] : event.ResourceProperties.Configurations;
    const installed = await Promise.all(assets.map(installService));
    const filled = installed.filter((_, index) => assets[index]?.Substitutions);
    await answer(event, {
      Status: 'SUCCESS',
      Reason: installed.flatMap(({ imported }) => imported).join(' '),
      ...(filled.length > 0 && {
        Data: Object.fromEntries(filled.map(({ service, sha256 }) => [service, sha256])),
      }),
    });
  } catch (error) {
    console.error(error);
    await answer(event, { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) });
  }
}

async function installService(asset: ConfigurationAsset): Promise<Installed> {
  const { configuration, sha256 } = await readAsset(asset);
  const { service } = configuration;
  const releases = await listReleases(service);
  const imported = await Promise.all(unitsOf(configuration).map((unit) => importSide(configuration, unit, releases)));
  return { service, sha256, imported };
}

async function readAsset(asset: ConfigurationAsset) {
  const { Service: service, SourceBucket: bucket, SourceKey: key, Sha256: sha256, Substitutions = [] } = asset;
  try {
    return await importConfiguration(service, { bucket, key, sha256 }, namesOf(Substitutions));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The configuration of ${asset.Service} could not be installed: ${why}`, { cause: error });
  }
}

const namesOf = (substitutions: NonNullable<ConfigurationAsset['Substitutions']>) =>
  Object.fromEntries(substitutions.map(({ StandIn, Value }) => [StandIn, Value]));

/** Says what was done. A service that does not exist yet, or is just being deployed, will be recorded by its events. */
async function importSide(
  configuration: ServiceConfiguration,
  side: Side,
  releases: readonly Release[],
): Promise<string> {
  const { service } = configuration;
  const where = `${service}/${side.name}`;
  const view = await describeSide(side);
  const primary = view && primaryDeployment(view);
  if (!view || !primary) return `${where} runs nothing yet.`;
  const { taskDefinition } = primary;
  if ((primary.rolloutState ?? 'COMPLETED') !== 'COMPLETED') return `${where} is just being deployed (${primary.id}).`;
  if (releases.some((release) => release.side === side.name && release.taskDefinition === taskDefinition)) {
    return `${where} is known.`;
  }
  const definition = await describeTaskDefinition(taskDefinition);
  const [images, state] = await Promise.all([
    imagesAsRun(view, primary, definition),
    readReleaseState(configuration, side, view, definition),
  ]);
  const version = versionOf(taskDefinition, images);
  await putRelease({
    service,
    side: side.name,
    version,
    taskDefinition,
    images,
    deployedAt: primary.createdAt,
    status: 'assumed-good',
    deploymentId: primary.id,
    ...(definition?.commit && { commit: definition.commit }),
    ...state,
  });
  return `${where} runs ${version}, assumed good.`;
}

/** CloudFormation takes at most 4 KiB of answer. */
const reasonLength = 1_000;

async function answer(
  event: InstallEvent,
  result: { readonly Status: 'SUCCESS' | 'FAILED'; readonly Reason: string; readonly Data?: Record<string, string> },
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({
    ...result,
    Reason: result.Reason.slice(0, reasonLength) || 'Done.',
    // One id for ever: another would make CloudFormation delete the old resource after an update.
    PhysicalResourceId: event.PhysicalResourceId ?? `${LogicalResourceId}-installed`,
    StackId,
    RequestId,
    LogicalResourceId,
  });
  // The URL is signed for an empty content type.
  const response = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation's answer URL said ${response.status}.`);
}
