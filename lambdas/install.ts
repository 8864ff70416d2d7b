/**
 * Install: CloudFormation's custom resource. On Create and Update it copies every service's compiled configuration to
 * the bucket and imports what each side runs as an `assumed-good` release. Delete removes nothing: the ledger outlives
 * the stack.
 *
 * CloudFormation waits an hour for an answer, so one is always given, and a failure says why in a sentence.
 *
 * Calls: s3:GetObject (on the deployment's asset bucket), s3:PutObject, ecs:DescribeServices,
 * ecs:DescribeTaskDefinition, ecs:DescribeServiceRevisions, dynamodb:Query, dynamodb:PutItem
 */
import { primaryDeployment, versionOf } from '../lib/domain/ecs.ts';
import type { Release, ServiceConfiguration, Side } from '../lib/domain/model.ts';
import { importConfiguration } from './aws/documents.ts';
import { describeSide, describeTaskDefinition, imagesAsRun } from './aws/ecs.ts';
import { listReleases, putRelease } from './aws/ledger.ts';

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
  readonly TargetKey: string;
  readonly Sha256: string;
}

export async function handler(event: InstallEvent): Promise<void> {
  try {
    const imported = event.RequestType === 'Delete' ? [] : await install(event.ResourceProperties.Configurations);
    await answer(event, { Status: 'SUCCESS', Reason: imported.join(' ') });
  } catch (error) {
    console.error(error);
    await answer(event, { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) });
  }
}

async function install(assets: readonly ConfigurationAsset[]): Promise<string[]> {
  return (await Promise.all(assets.map(installService))).flat();
}

async function installService(asset: ConfigurationAsset): Promise<string[]> {
  const configuration = await readAsset(asset);
  const releases = await listReleases(configuration.service);
  return Promise.all(configuration.sides.map((side) => importSide(configuration.service, side, releases)));
}

async function readAsset(asset: ConfigurationAsset): Promise<ServiceConfiguration> {
  try {
    return await importConfiguration(
      { bucket: asset.SourceBucket, key: asset.SourceKey },
      { configurationKey: asset.TargetKey, configurationSha256: asset.Sha256 },
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The configuration of ${asset.Service} could not be installed: ${why}`, { cause: error });
  }
}

/** Says what was done. A service that does not exist yet, or is just being deployed, will be recorded by its events. */
async function importSide(service: string, side: Side, releases: readonly Release[]): Promise<string> {
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
  const images = await imagesAsRun(view, primary, definition);
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
  });
  return `${where} runs ${version}, assumed good.`;
}

/** CloudFormation takes at most 4 KiB of answer. */
const reasonLength = 1_000;

async function answer(
  event: InstallEvent,
  result: { readonly Status: 'SUCCESS' | 'FAILED'; readonly Reason: string },
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({
    Status: result.Status,
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
