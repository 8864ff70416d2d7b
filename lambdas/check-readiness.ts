/**
 * CheckReadiness: once a day looks whether each service could be rolled back now, as the doctor does, with the permissions
 * of Plan. Publishes the answer for the alarm, and tells people once per change. It changes nothing of a service, and a
 * second look tells nobody anything more.
 *
 * Calls: ssm:GetParametersByPath, ssm:GetParameters, s3:GetObject, ecs:DescribeServices, ecs:DescribeTaskDefinition,
 * ecs:ListServiceDeployments, ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions,
 * elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetHealth,
 * elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetGroupAttributes,
 * elasticloadbalancing:DescribeTags (two sides),
 * codedeploy:ListDeployments, codedeploy:BatchGetDeployments, codedeploy:ListApplications,
 * codedeploy:ListDeploymentGroups, codedeploy:BatchGetDeploymentGroups, application-autoscaling:DescribeScalableTargets,
 * cloudformation:DescribeStacks, ecr:DescribeImages, ssm:DescribeParameters, secretsmanager:DescribeSecret,
 * iam:GetRole, logs:DescribeLogGroups, s3:ListBucket,
 * cloudwatch:GetMetricData (two sides), cloudwatch:DescribeAlarms, cloudwatch:PutMetricData, rds:DescribeDBInstances,
 * rds:DescribeDBClusters, rds:DescribeAccountAttributes, states:ListExecutions, dynamodb:GetItem, dynamodb:Query,
 * dynamodb:PutItem, events:PutEvents, sns:Publish
 */
import { asciiSubject } from '../lib/domain/notifications.ts';
import {
  changeOf,
  judgeReadiness,
  type Readiness,
  readinessPoint,
  readinessTotalPoint,
  unreadable,
} from '../lib/domain/readiness.ts';
import { nowMs } from './aws/clock.ts';
import { readConfiguration, sha256 } from './aws/documents.ts';
import { setting } from './aws/environment.ts';
import { publishPoints } from './aws/metrics.ts';
import { notify } from './aws/notify.ts';
import { type ConfigurationPointer, listPointers } from './aws/parameters.ts';
import { readReadiness } from './aws/readiness.ts';
import { readReadinessRecord, writeReadinessRecord } from './aws/readiness-record.ts';
import { recordOnce } from './aws/timeline.ts';

export interface CheckedReadiness {
  readonly service: string;
  readonly couldNotRollBack: boolean;
  /** In words; empty where it could be rolled back. */
  readonly because: readonly string[];
  /** Whether people were told, because it is new. */
  readonly told: boolean;
}

/** So many services are looked at together: each reads as much as a plan does. */
const atOnce = 5;

/** Reads the clock itself: an event that was delivered late has an old time. */
export async function handler(): Promise<readonly CheckedReadiness[]> {
  const environment = setting('ENVIRONMENT');
  const pointers = await listPointers(environment);
  const looked: Looked[] = [];
  for (let at = 0; at < pointers.length; at += atOnce)
    looked.push(...(await Promise.all(pointers.slice(at, at + atOnce).map(check))));
  const unready = looked.filter(({ found }) => found.because.length > 0);
  await publishPoints([readinessTotalPoint(environment, unready.length, new Date(nowMs()).toISOString())]);
  // What one service fails on must not keep the others from being looked at, nor stay unseen.
  const errors = looked.flatMap((one) => ('error' in one ? [one.error] : []));
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${looked.length} checks were not told of: ${errors}`);
  return looked.flatMap((one) => ('checked' in one ? [one.checked] : []));
}

/** What was found, and how telling of it went. */
type Looked = { readonly found: Readiness } & ({ readonly checked: CheckedReadiness } | { readonly error: unknown });

async function check(pointer: ConfigurationPointer): Promise<Looked> {
  const environment = setting('ENVIRONMENT');
  const now = new Date(nowMs()).toISOString();
  const found = await look(pointer, now);
  try {
    // First of all the metric: it does not depend on the table.
    await publishPoints([readinessPoint(environment, found, now)]);
    const { record, told } = await tellChange(environment, found, now);
    const { couldNotRollBack, because } = record;
    const checked = { service: found.service, couldNotRollBack, because, told };
    console.log(JSON.stringify(checked));
    return { found, checked };
  } catch (error) {
    return { found, error };
  }
}

/** Never fails: a service that cannot be read could not be rolled back. */
async function look({ service, key, sha256: hash }: ConfigurationPointer, now: string): Promise<Readiness> {
  try {
    const configuration = await readConfiguration({ configurationKey: key, configurationSha256: hash });
    return judgeReadiness(await readReadiness(configuration, service, now));
  } catch (error) {
    return unreadable(service, String(error));
  }
}

/** The record comes last: if it is not written, the next look finds the same change, and the timeline says that it was told. */
async function tellChange(environment: string, found: Readiness, now: string) {
  const { service } = found;
  const { record, change } = changeOf(await readReadinessRecord(service), found, { environment, now });
  let told = false;
  if (change) {
    const { about, kind, message, data, subject, body } = change;
    told = await recordOnce(
      { service, environment, rollbackId: `${service}-readiness`, executionArn: setting('STATE_MACHINE_ARN') },
      `CheckReadiness ${sha256(record.identity).slice(0, 12)}`,
      { kind, message, data },
      { about, now },
    );
    if (told) await notify({ audience: 'technical', subject: asciiSubject(subject), body });
  }
  await writeReadinessRecord(service, record);
  return { record, told };
}
