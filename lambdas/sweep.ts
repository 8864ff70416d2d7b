/**
 * Sweep: every few minutes starts what a lost event should have started, and tells of locks that dead executions hold. One
 * that a person's command carried out and left is handed to the reap machine: no event tells of its end. Repeating it
 * changes nothing: a start has the same name every time, a finding is recorded and told once.
 *
 * Calls: cloudwatch:DescribeAlarms, ssm:GetParametersByPath, s3:GetObject, dynamodb:GetItem, dynamodb:Query,
 * dynamodb:PutItem, states:DescribeExecution, states:StartExecution, sns:Publish, events:PutEvents
 */
import { serviceOfAlarm } from '../lib/domain/backing.ts';
import { abandonedDirectly } from '../lib/domain/direct.ts';
import { alarmPrefix } from '../lib/domain/names.ts';
import { asciiSubject } from '../lib/domain/notifications.ts';
import { type AlarmOn, abandoned, isUndecided, judgeTransition, stamp } from '../lib/domain/sweep.ts';
import { alarmsOn } from './aws/alarms.ts';
import { nowMs } from './aws/clock.ts';
import { readConfiguration, sha256 } from './aws/documents.ts';
import { setting } from './aws/environment.ts';
import { executionArnOf, executionStatus, startExecution, startReap } from './aws/executions.ts';
import { readLock } from './aws/lock.ts';
import { notify } from './aws/notify.ts';
import { type ConfigurationPointer, listPointers } from './aws/parameters.ts';
import { listStarts, recordOnce } from './aws/timeline.ts';

export interface SweepResult {
  /** Names of the executions started, those of an earlier attempt included. */
  readonly started: readonly string[];
  /** What people were told. */
  readonly reported: readonly string[];
}

/**
 * Takes nothing from its event: Lambda repeats a failed one minutes later, and by then the time in it would make an old
 * alarm look young.
 */
export async function handler(): Promise<SweepResult> {
  const environment = setting('ENVIRONMENT');
  const now = new Date(nowMs()).toISOString();
  const services = await listPointers(environment);
  const { adopters, problems } = await readAdopters(services);
  const alarms = await undecidedAlarms(environment, services, adopters, now);
  const findings = [
    ...problems.map((problem) => () => Promise.reject(problem)),
    ...alarms.map((alarm) => () => transition(environment, alarm, now)),
    ...services.map(
      ({ service }) =>
        () =>
          lock(environment, service, now),
    ),
  ];
  const ended = await Promise.allSettled(findings.map((look) => look()));
  // What one service fails on must not keep the others from being looked at, nor stay unseen.
  const errors = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${ended.length} looks failed: ${errors}`);
  const found = ended.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  return {
    started: found.flatMap((finding) => ('started' in finding ? [finding.started] : [])),
    reported: found.flatMap((finding) => ('reported' in finding ? [finding.reported] : [])),
  };
}

type Finding = { readonly started: string } | { readonly reported: string } | undefined;

/** Which service has adopted which alarm. A configuration that cannot be read hides the alarms of its own service only. */
async function readAdopters(services: readonly ConfigurationPointer[]) {
  const adopters = new Map<string, string>();
  const problems: unknown[] = [];
  for (const { service, key, sha256: hash } of services) {
    try {
      const configuration = await readConfiguration({ configurationKey: key, configurationSha256: hash });
      for (const { name } of configuration.adoptedAlarms ?? []) adopters.set(name, service);
    } catch (error) {
      problems.push(error);
    }
  }
  return { adopters, problems };
}

/** Our alarms, and those that services have adopted, young enough to be judged. */
async function undecidedAlarms(
  environment: string,
  services: readonly ConfigurationPointer[],
  adopters: ReadonlyMap<string, string>,
  now: string,
): Promise<AlarmOn[]> {
  const known = new Set(services.map(({ service }) => service));
  const on = await alarmsOn(alarmPrefix(environment), [...adopters.keys()]);
  return on.flatMap((alarm) => {
    const adopter = adopters.get(alarm.name);
    const service = adopter ?? serviceOfAlarm(environment, alarm.name);
    if (service === undefined || !known.has(service) || alarm.suppressedBy !== undefined) return [];
    const found = { ...alarm, service, adopted: adopter !== undefined };
    return isUndecided(found, now) ? [found] : [];
  });
}

async function transition(environment: string, alarm: AlarmOn, now: string): Promise<Finding> {
  const { service } = alarm;
  const judged = judgeTransition(alarm, await listStarts(service, alarm.since), now, sha256);
  if (judged.decision === 'leave') return undefined;
  const started = judged.decision === 'start' ? judged.executionName : undefined;
  if (judged.decision === 'start') await startExecution(judged.executionName, judged.input);
  const id = `${service}-${stamp(alarm.since)}-sweep`;
  const first = await recordOnce(
    { service, environment, rollbackId: id, executionArn: started ? executionArnOf(started) : alarm.arn },
    `Sweep ${alarm.name}`,
    // Not `alarmName`, which would make this a known start for the next look.
    { kind: started ? 'sweep.started' : 'sweep.too-late', message: judged.reason, data: { alarm: alarm.name } },
    { about: alarm.since, now },
  );
  if (started) return { started };
  if (!first) return undefined;
  await tell(`${service}: an alarm that nothing was started for`, judged.reason);
  return { reported: judged.reason };
}

async function lock(environment: string, service: string, now: string): Promise<Finding> {
  const held = await readLock(service);
  if (!held?.owner) return undefined;
  const { executionArn, rollbackId } = held.owner;
  const status = await executionStatus(executionArn);
  const directly = abandonedDirectly(held.owner, status);
  const reason = directly ?? abandoned(held, status, now);
  if (reason === undefined) return undefined;
  const first = await recordOnce(
    { service, environment, rollbackId, executionArn },
    'Sweep lock',
    { kind: 'sweep.abandoned', message: reason, data: { fencingToken: held.token } },
    { about: status.stoppedAt ?? held.owner.acquiredAt, now },
  );
  if (first) await tell(`${service}: a rollback ended without giving its lock back`, reason);
  // Last: Step Functions may still be what is broken. Then this look fails, and the next one tries again.
  if (directly !== undefined) await startReap(executionArn.slice(-80).replace(/^.*:|[^\w.-]/g, ''), executionArn);
  return first ? { reported: reason } : undefined;
}

function tell(subject: string, body: string): Promise<void> {
  return notify({ audience: 'technical', subject: asciiSubject(subject), body });
}
