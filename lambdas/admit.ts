/**
 * Admit: parses the input, finds the service, asks CloudWatch whether the alarm is real, weighs whether a rollback would
 * be the cure, and takes the lock. Nothing is changed in the account here. Independent reads run side by side, because
 * the incident goes on meanwhile.
 *
 * Calls: ssm:GetParameter, ssm:GetParameters, ssm:GetParametersByPath, s3:GetObject, cloudwatch:DescribeAlarms,
 * cloudwatch:DescribeAlarmHistory, cloudwatch:GetMetricData, ecs:DescribeServices, states:DescribeExecution,
 * dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import {
  type Admission,
  type AdmissionFacts,
  admit,
  admitAtOnce,
  type Intention,
  intention,
} from '../lib/domain/admission.ts';
import { type Backing, backing, serviceOfAlarm } from '../lib/domain/backing.ts';
import { readDirectArn } from '../lib/domain/direct.ts';
import { alarmingServices } from '../lib/domain/external-cause.ts';
import type { KillSwitch } from '../lib/domain/kill-switch.ts';
import { type LockDecision, type LockState, takeOverHint, whileBusy } from '../lib/domain/lock.ts';
import type { Outcome, Release, RollbackContext, RollbackRecord, ServiceConfiguration } from '../lib/domain/model.ts';
import { alarmName, alarmPrefix, rollbackIdOf } from '../lib/domain/names.ts';
import { isReplayed, type ParsedInput, parseInput, refusal, serviceProblem } from '../lib/domain/request.ts';
import type { AdmitInput, AdmitResult } from '../lib/domain/states.ts';
import { type AlarmSelection, alarmedAt, alarmsOn, describeAlarms } from './aws/alarms.ts';
import { readConfiguration, sha256 } from './aws/documents.ts';
import { setting } from './aws/environment.ts';
import { readIncident } from './aws/incident-facts.ts';
import { readKillSwitch } from './aws/kill-switch.ts';
import { listReleases, listRollbacks, recordRollback } from './aws/ledger.ts';
import { readLock } from './aws/lock.ts';
import { judgeLock, lockAttempts, recordJoined, takeLock } from './aws/lock-start.ts';
import { listPointers, readPointer } from './aws/parameters.ts';
import { record } from './aws/timeline.ts';

export async function handler(event: AdmitInput): Promise<AdmitResult> {
  const environment = setting('ENVIRONMENT');
  const parsed = parseInput(event.input, environment);
  // The names only serve the example: bad input is refused at once also when they cannot be read.
  if (!parsed.ok) throw refusal(parsed.problems, parsed.usable, await serviceNames(environment).catch(() => []));
  const { input } = parsed;
  const service = input.service ?? (input.triggerEvent && serviceOfAlarm(environment, input.triggerEvent.alarmName));
  for (let attempt = 1; attempt <= lockAttempts; attempt++) {
    const found = service === undefined ? undefined : await look(environment, service, input, event);
    if (service === undefined || !found) {
      const services = await serviceNames(environment);
      throw refusal([serviceProblem(service, environment, services)], parsed.usable, services);
    }
    const answer = await decide(event, contextOf(event, environment, service, input, found), found);
    if (answer !== 'overtaken') return answer;
  }
  throw new Error(`The lock of ${service} changed ${lockAttempts} times while it was being taken.`);
}

/** What is read before anything is decided. */
interface Found {
  readonly configuration: ServiceConfiguration;
  readonly configurationKey: string;
  readonly configurationSha256: string;
  readonly lock: LockState | undefined;
  readonly lockDecision: LockDecision;
  readonly killSwitch: KillSwitch;
  /** Other services that alarm with this one. */
  readonly alarming: readonly string[];
  /** Services of the environment that have alarms. */
  readonly alarmedServices: number;
  /** Absent for a start by hand; so are the ledgers, which only an alarm's start is judged by. */
  readonly backing?: Backing;
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
}

async function look(
  environment: string,
  service: string,
  { triggerEvent: trigger, request: { takeOver } }: ParsedInput,
  event: AdmitInput,
): Promise<Found | undefined> {
  const [pointer, lock, killSwitch, alarms, allOn] = await Promise.all([
    readPointer(environment, service),
    readLock(service),
    readKillSwitch(environment, service),
    trigger ? describeAlarms(siblings(environment, service, trigger.alarmName)) : [],
    // CloudWatch answers few such calls a second. In a storm, not knowing who else alarms must not stop the start.
    trigger ? alarmsOn(alarmPrefix(environment)).catch(() => []) : [],
  ]);
  if (!pointer) return undefined;
  const pinned = { configurationKey: pointer.key, configurationSha256: pointer.sha256 };
  const on = alarms.some(({ name, state }) => name === trigger?.alarmName && state === 'ALARM');
  const known = alarms.some(({ name }) => name === trigger?.alarmName);
  const [configuration, lockDecision, releases, rollbacks, wasOnSince] = await Promise.all([
    readConfiguration(pinned),
    judgeLock(lock, { ...event, takeOver }),
    // After the lock: who takes it as it was read then knows that no rollback has come in between, and the budget holds.
    trigger ? listReleases(service) : [],
    trigger ? listRollbacks(service, '') : [],
    trigger && known && !on && !isReplayed(trigger, event.startedAt)
      ? alarmedAt(trigger.alarmName, trigger.time)
      : undefined,
  ]);
  const backed = trigger && backing(trigger, configuration, alarms, wasOnSince);
  return {
    configuration,
    ...pinned,
    lock,
    lockDecision,
    killSwitch,
    alarming: backed?.backed ? alarmingServices(environment, service, backed.since, allOn) : [],
    alarmedServices: pointer.alarmedServices,
    ...(backed && { backing: backed }),
    releases,
    rollbacks,
  };
}

/** An alarm and those of the same trigger for other sides: one call tells which are on. Adopted ones have none. */
function siblings(environment: string, service: string, name: string): AlarmSelection {
  const own = `${alarmName(environment, service)}/`;
  if (!name.startsWith(own)) return { name };
  return { prefix: own + (name.slice(own.length).split('/')[0] ?? '') };
}

function contextOf(
  event: AdmitInput,
  environment: string,
  service: string,
  input: ParsedInput,
  found: Found,
): RollbackContext {
  const { executionArn, startedAt } = event;
  return {
    rollbackId: rollbackIdOf(service, startedAt, sha256(executionArn)),
    service,
    environment,
    executionArn,
    startedAt,
    configurationKey: found.configurationKey,
    configurationSha256: found.configurationSha256,
    request: { ...input.request, service, ...(found.backing?.backed && { trigger: found.backing.trigger }) },
  };
}

async function decide(event: AdmitInput, context: RollbackContext, found: Found): Promise<AdmitResult | 'overtaken'> {
  const { request } = context;
  const intended = intention(request, found.configuration.production);
  const told = [...(found.backing ? [found.backing.reason] : []), intended.reason];
  if (found.backing?.backed && found.backing.suppressed)
    return end(event, context, 'observed', [...told, found.backing.suppressed]);
  const facts: AdmissionFacts = {
    now: event.now,
    environment: context.environment,
    request,
    policy: found.configuration.policy,
    killSwitch: found.killSwitch,
    rollbacks: found.rollbacks.filter((rollback) => rollback.rollbackId !== context.rollbackId),
  };
  const atOnce = admitAtOnce(facts);
  // Before it is asked who else is at work: a switch that is on says so, whatever else is going on.
  if (atOnce?.decision === 'declined' && found.lockDecision.decision !== 'ours') {
    return end(event, context, 'declined', [...told, ...texts(atOnce)]);
  }
  const exclusive = intended.may === 'change' || request.trigger !== undefined;
  const busy = exclusive ? whileBusy(found.lockDecision) : undefined;
  if (busy) return end(event, context, busy.outcome, [...told, busy.reason, ...hints(context, found)], busy.joins);

  // An earlier attempt of this very state took the lock: its decision stands.
  if (found.lockDecision.decision === 'ours') {
    const { token, settledAt } = found.lockDecision;
    return go(event, { ...context, fencingToken: token, ...(settledAt !== undefined && { settledAt }) }, told);
  }
  const incident = found.backing?.backed
    ? await readIncident({ ...found, alarm: found.backing, now: event.now })
    : undefined;
  const admission = atOnce ?? admit({ ...facts, ...(incident && { incident }) });
  const reasons = [...told, ...texts(admission)];
  if (admission.decision === 'declined') return end(event, context, 'declined', reasons);
  if (admission.decision === 'observe') return end(event, context, 'observed', reasons);
  if (intended.may === 'plan') return go(event, context, reasons);
  const asksBecause = whyAsked(admission, intended);
  if (asksBecause) return go(event, { ...context, asksBecause }, reasons);
  const locked = await takeLock(context, found, event.now);
  return locked ? go(event, locked, [...reasons, ...takingOver(found)]) : 'overtaken';
}

function takingOver({ lockDecision }: Found): string[] {
  return lockDecision.decision === 'take' && lockDecision.settledAt !== undefined ? [lockDecision.reason] : [];
}

function hints({ executionArn, service }: RollbackContext, { lockDecision }: Found): string[] {
  return readDirectArn(executionArn) && lockDecision.decision === 'held'
    ? [takeOverHint(lockDecision.owner, service)]
    : [];
}

const texts = ({ reasons }: Admission): string[] => reasons.map(({ text }) => text);

/** Why a person is asked first; undefined where nobody has to be. */
function whyAsked({ decision, reasons }: Admission, intended: Intention): string | undefined {
  if (decision !== 'approve') return intended.may === 'ask' ? intended.reason : undefined;
  return reasons.flatMap(({ allows, text }) => (allows === 'approve' ? text : [])).join(' ');
}

// ---------------------------------------------------------------- answers

async function go(event: AdmitInput, context: RollbackContext, reasons: readonly string[]): Promise<AdmitResult> {
  const automatic = context.request.trigger?.autoExecute === true;
  const admitted = {
    kind: 'admitted',
    message: reasons.join(' '),
    data: { ...summary(context), reasons: [...reasons] },
  };
  await Promise.all([
    context.fencingToken === undefined ? undefined : recordRollback(context, { automatic }),
    record(context, 'Admit', [admitted], event.now),
  ]);
  return { decision: 'execute', context, reasons };
}

async function end(
  event: AdmitInput,
  context: RollbackContext,
  outcome: Outcome,
  reasons: readonly string[],
  joins?: string,
): Promise<AdmitResult> {
  const message = reasons.join(' ');
  const data = summary(context);
  await Promise.all([
    record(context, 'Admit', [{ kind: outcome, message, data }], event.now),
    // The rollback under way is told too: its report shows every alarm of the incident.
    joins === undefined ? undefined : recordJoined(context, joins, 'Admit', { message, data }, event.now),
  ]);
  return { decision: 'end', outcome, context, reasons };
}

function summary({ request, rollbackId: id, fencingToken }: RollbackContext) {
  return {
    rollbackId: id,
    version: request.version,
    ...(request.trigger && { alarmName: request.trigger.alarmName, triggerId: request.trigger.triggerId }),
    ...(fencingToken !== undefined && { fencingToken }),
  };
}

async function serviceNames(environment: string): Promise<string[]> {
  return (await listPointers(environment)).map(({ service }) => service);
}
