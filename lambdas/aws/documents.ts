/**
 * Amazon S3: the pinned configuration, the checkpoint, the plan and the reports. The state machine passes keys and hashes.
 *
 * Checkpoint and plan are written once: a second attempt of Plan keeps what the first one stored, so that the
 * before-image can never be read after a change, and a plan never changes under the states that follow it.
 *
 * Calls: s3:GetObject, s3:PutObject
 */
import { createHash } from 'node:crypto';
import type { Tag, TaskDefinition } from '@aws-sdk/client-ecs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { TaskDefinitionView } from '../../lib/domain/ecs.ts';
import { PlanChanged, Unreadable } from '../../lib/domain/errors.ts';
import { canonicalJson } from '../../lib/domain/json.ts';
import type { Checkpoint, CopyOrder, Plan, RollbackContext, ServiceConfiguration } from '../../lib/domain/model.ts';
import { checkpointKey, configurationKey, definitionKey, planKey, reportKey } from '../../lib/domain/names.ts';
import { type Substitutions, substituteInJson } from '../../lib/domain/substitution.ts';
import type { Registration } from '../../lib/domain/task-definition-copy.ts';
import { clientOptions } from './client.ts';
import { viewTaskDefinition } from './ecs-views.ts';
import { setting } from './environment.ts';

const s3 = new S3Client({
  ...clientOptions,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});

/** Hexadecimal SHA-256 of a text's UTF-8 bytes. */
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** By hash: what was proved once in this process stays right, and a warm Lambda saves a call before it acts. */
const configurations = new Map<string, ServiceConfiguration>();

/** The configuration that Admit pinned; throws Unreadable when the stored bytes are not those. */
export async function readConfiguration(
  pinned: Pick<RollbackContext, 'configurationKey' | 'configurationSha256'>,
): Promise<ServiceConfiguration> {
  const { configurationKey: key, configurationSha256: hash } = pinned;
  const known = configurations.get(hash);
  if (known) return known;
  const configuration = verified(await read(key), key, hash);
  configurations.set(hash, configuration);
  return configuration;
}

/**
 * Copies a compiled configuration from where the deployment put it to our bucket, where executions pin it by its hash.
 * `names` are filled in on the way, and the hash that is returned is of the result.
 * Throws Unreadable when the bytes are not those that the deployment announced.
 */
export async function importConfiguration(
  service: string,
  source: { readonly bucket: string; readonly key: string; readonly sha256: string },
  names: Substitutions,
): Promise<{ readonly configuration: ServiceConfiguration; readonly sha256: string }> {
  const asset = await read(source.key, source.bucket);
  verified(asset, `s3://${source.bucket}/${source.key}`, source.sha256);
  const body = substituteInJson(asset, names);
  const hash = sha256(body);
  await s3.send(
    new PutObjectCommand({
      Bucket: setting('BUCKET'),
      Key: configurationKey(service, hash),
      Body: body,
      ContentType: 'application/json',
    }),
  );
  return { configuration: JSON.parse(body) as ServiceConfiguration, sha256: hash };
}

/** What later states need to read a plan and to know that it is the one decided on. */
export interface PlanReference {
  readonly planKey: string;
  readonly planSha256: string;
}

/** Stores the plan, or keeps the one that an earlier attempt stored; returns the one that counts. */
export async function putPlan(plan: Plan): Promise<PlanReference & { readonly plan: Plan }> {
  const key = planKey(plan.rollbackId);
  const body = await writeOnce(key, canonicalJson(plan));
  return { planKey: key, planSha256: sha256(body), plan: JSON.parse(body) as Plan };
}

/** Throws PlanChanged when the stored plan has another hash. */
export async function readPlan(reference: PlanReference): Promise<Plan> {
  const body = await read(reference.planKey);
  const found = sha256(body);
  if (found !== reference.planSha256) {
    throw new PlanChanged(
      `The plan ${reference.planKey} has SHA-256 ${found}, decided on was ${reference.planSha256}.`,
    );
  }
  return JSON.parse(body) as Plan;
}

/** The plan as it lies there, its hash unproved: for the report, which shows it and changes nothing by it. */
export async function readStoredPlan(key: string): Promise<Plan> {
  return JSON.parse(await read(key)) as Plan;
}

/** Stores the before-image, or keeps the one that an earlier attempt stored. Returns its key. */
export async function putCheckpoint(checkpoint: Checkpoint): Promise<string> {
  const key = checkpointKey(checkpoint.rollbackId);
  await writeOnce(key, canonicalJson(checkpoint));
  return key;
}

/**
 * A task definition that ECS may know no longer, as the ledger recorded it: DescribeTaskDefinition's answer with its tags.
 * Undefined where there is none.
 */
export async function readDefinition(key: string): Promise<TaskDefinitionView | undefined> {
  try {
    const { taskDefinition, tags = [] } = JSON.parse(await read(key)) as RecordedDefinition;
    // In JSON a time is a text, and nobody asks a recorded definition for it.
    const { registeredAt: _text, ...rest } = taskDefinition;
    return { ...viewTaskDefinition(rest, tags), status: 'DELETED' };
  } catch (error) {
    // S3 calls what is not there forbidden, to whoever may not list the bucket.
    if (error instanceof Error && ['NoSuchKey', 'AccessDenied'].includes(error.name)) return undefined;
    throw error;
  }
}

/** Stores a task definition as ECS tells it now, unless it lies there. Returns its key. */
export async function putDefinition(
  service: string,
  { document, tags = [] }: Pick<TaskDefinitionView, 'document' | 'tags'>,
): Promise<string> {
  const body = canonicalJson({ taskDefinition: document, tags: tags.map(({ key, value }) => ({ key, value })) });
  const key = definitionKey(service, sha256(body));
  await putIfNone(key, body);
  return key;
}

interface RecordedDefinition {
  readonly taskDefinition: TaskDefinition;
  readonly tags?: readonly Tag[];
}

/** Stores the request to register a copy, unless it lies there; its key holds its hash. */
export async function putCopy({ key }: Pick<CopyOrder, 'key'>, body: string): Promise<void> {
  await writeOnce(key, body);
}

/** Throws PlanChanged when the stored request is not the plan's. */
export async function readCopy({ key, sha256: expected }: Pick<CopyOrder, 'key' | 'sha256'>): Promise<Registration> {
  const body = await read(key);
  const found = sha256(body);
  if (found !== expected) throw new PlanChanged(`The copy ${key} has SHA-256 ${found}, decided on was ${expected}.`);
  return JSON.parse(body) as Registration;
}

export async function readCheckpoint(key: string): Promise<Checkpoint> {
  return JSON.parse(await read(key)) as Checkpoint;
}

/** Returns the `s3://` URI of the file. */
export async function putReport(rollbackId: string, file: string, body: string, contentType: string): Promise<string> {
  const key = reportKey(rollbackId, file);
  await s3.send(new PutObjectCommand({ Bucket: setting('BUCKET'), Key: key, Body: body, ContentType: contentType }));
  return reportUri(rollbackId, file);
}

/** Where a file of the report lies, or will lie. */
export const reportUri = (rollbackId: string, file: string): string =>
  `s3://${setting('BUCKET')}/${reportKey(rollbackId, file)}`;

function verified(body: string, where: string, expected: string): ServiceConfiguration {
  const found = sha256(body);
  if (found !== expected)
    throw new Unreadable(`The configuration ${where} has SHA-256 ${found}, expected ${expected}.`);
  return JSON.parse(body) as ServiceConfiguration;
}

async function read(key: string, bucket = setting('BUCKET')): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!Body) throw new Unreadable(`The document ${key} is empty.`);
  return Body.transformToString('utf-8');
}

/** Writes a JSON document unless there is one. Returns what lies there afterwards. */
async function writeOnce(key: string, body: string): Promise<string> {
  return (await putIfNone(key, body)) ? body : read(key);
}

/** False where a document lies there already. */
async function putIfNone(key: string, body: string): Promise<boolean> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: setting('BUCKET'),
        Key: key,
        Body: body,
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'PreconditionFailed') return false;
    throw error;
  }
}
