/**
 * Admit: parses the input, finds the service, asks CloudWatch whether the alarm is real, attributes it to a release,
 * and takes the lock. Nothing is changed in the account here. Independent reads run side by side, because the incident
 * goes on meanwhile.
 *
 * Calls: ssm:GetParameter, ssm:GetParametersByPath, s3:GetObject, cloudwatch:DescribeAlarms,
 * cloudwatch:DescribeAlarmHistory, ecs:DescribeServices, states:DescribeExecution, dynamodb:GetItem, dynamodb:Query,
 * dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import { admit, type Backing, backing, intention, serviceOfAlarm } from '../lib/domain/admission.ts';
import { attribute } from '../lib/domain/attribution.ts';
import { decideLock, type LockDecision, type LockState } from '../lib/domain/lock.ts';
import type { Outcome, Release, RollbackContext, RollbackRecord, ServiceConfiguration } from '../lib/domain/model.ts';
import { alarmName } from '../lib/domain/names.ts';
import {
  isReplayed,
  type ParsedInput,
  parseInput,
  refusal,
  serviceProblem,
  type TriggerEvent,
} from '../lib/domain/request.ts';
import type { AdmitInput, AdmitResult } from '../lib/domain/states.ts';
import { type AlarmSelection, alarmedAt, describeAlarms } from './aws/alarms.ts';
import { readConfiguration, sha256 } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { setting } from './aws/environment.ts';
import { executionStatus } from './aws/executions.ts';
import { listPointers, readPointer } from './aws/parameters.ts';
import { acquireLock, listReleases, listRollbacks, readLock, record, recordRollback } from './aws/table.ts';

export async function handler(event: AdmitInput): Promise<AdmitResult> {
  const environment = setting('ENVIRONMENT');
  const parsed = parseInput(event.input, environment);
  // The names only serve the example: bad input is refused at once also when they cannot be read.
  if (!parsed.ok) throw refusal(parsed.problems, parsed.usable, await serviceNames(environment).catch(() => []));
  const { input } = parsed;
  const service = input.service ?? (input.triggerEvent && serviceOfAlarm(environment, input.triggerEvent.alarmName));
  const found = service === undefined ? undefined : await look(environment, service, input.triggerEvent, event);
  if (service === undefined || !found) {
    const services = await serviceNames(environment);
    throw refusal([serviceProblem(service, environment, services)], parsed.usable, services);
  }
  return decide(event, contextOf(event, environment, service, input, found), found);
}

/** What is read before anything is decided. */
interface Found {
  readonly configuration: ServiceConfiguration;
  readonly configurationKey: string;
  readonly configurationSha256: string;
  readonly lock: LockState | undefined;
  readonly lockDecision: LockDecision;
  /** Absent for a start by hand; so are the ledgers, which only an alarm's start is judged by. */
  readonly backing?: Backing;
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
}

async function look(
  environment: string,
  service: string,
  trigger: TriggerEvent | undefined,
  event: AdmitInput,
): Promise<Found | undefined> {
  const [pointer, lock, releases, rollbacks, alarms] = await Promise.all([
    readPointer(environment, service),
    readLock(service),
    trigger ? listReleases(service) : [],
    trigger ? listRollbacks(service, '') : [],
    trigger ? describeAlarms(siblings(environment, service, trigger.alarmName)) : [],
  ]);
  if (!pointer) return undefined;
  const pinned = { configurationKey: pointer.key, configurationSha256: pointer.sha256 };
  const on = alarms.some(({ name, state }) => name === trigger?.alarmName && state === 'ALARM');
  const known = alarms.some(({ name }) => name === trigger?.alarmName);
  const [configuration, lockDecision, wasOnSince] = await Promise.all([
    readConfiguration(pinned),
    judgeLock(lock, event),
    trigger && known && !on && !isReplayed(trigger, event.startedAt)
      ? alarmedAt(trigger.alarmName, trigger.time)
      : undefined,
  ]);
  return {
    configuration,
    ...pinned,
    lock,
    lockDecision,
    ...(trigger && { backing: backing(trigger, configuration, alarms, wasOnSince) }),
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
    rollbackId: rollbackId(service, startedAt, executionArn),
    service,
    environment,
    executionArn,
    startedAt,
    configurationKey: found.configurationKey,
    configurationSha256: found.configurationSha256,
    request: { ...input.request, service, ...(found.backing?.backed && { trigger: found.backing.trigger }) },
  };
}

/** Readable, sortable, and the same on every attempt: `checkout-20261120-030405-1f2e3d`. */
function rollbackId(service: string, startedAt: string, executionArn: string): string {
  const [date = '', time = ''] = startedAt.replace(/\.\d+Z?$|Z$/, '').split('T');
  return `${service}-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${sha256(executionArn).slice(0, 6)}`;
}

async function decide(event: AdmitInput, context: RollbackContext, found: Found): Promise<AdmitResult> {
  const { request } = context;
  const intended = intention(request, found.configuration.production);
  const told = [...(found.backing ? [found.backing.reason] : []), intended.reason];
  if (found.backing?.backed && found.backing.suppressed)
    return end(event, context, 'observed', [...told, found.backing.suppressed]);
  const exclusive = intended.mayChange || request.trigger !== undefined;
  const busy = exclusive ? whileBusy(found.lockDecision) : undefined;
  if (busy) return end(event, context, busy.outcome, [...told, busy.reason], busy.joins);

  // An earlier attempt of this very state took the lock: its decision stands.
  if (found.lockDecision.decision === 'ours') {
    return go(event, { ...context, fencingToken: found.lockDecision.token }, told);
  }
  const admission = admit({
    now: event.now,
    request,
    policy: found.configuration.policy,
    ...(found.backing?.backed && { attribution: await attributed(found, found.backing) }),
    rollbacks: found.rollbacks.filter((rollback) => rollback.rollbackId !== context.rollbackId),
  });
  const reasons = [...told, ...admission.reasons];
  if (!admission.admitted) return end(event, context, 'observed', reasons);
  return intended.mayChange ? take(event, context, found, reasons) : go(event, context, reasons);
}

async function attributed(found: Found, alarm: Extract<Backing, { backed: true }>) {
  const views = await Promise.all(found.configuration.sides.map(describeSide));
  return attribute({
    alarmName: alarm.trigger.alarmName,
    alarmSince: alarm.since,
    ...(alarm.alarm.side && { alarmSide: alarm.alarm.side }),
    alsoOn: alarm.alsoOn,
    attributionMinutes: found.configuration.policy.attributionMinutes,
    sides: views.filter((view) => view !== undefined),
    releases: found.releases,
    rollbacks: found.rollbacks,
  });
}

// ---------------------------------------------------------------- lock

/** Another start may win between reading and writing; then what it left is read and judged again. */
const lockAttempts = 3;

async function take(
  event: AdmitInput,
  context: RollbackContext,
  found: Found,
  reasons: readonly string[],
): Promise<AdmitResult> {
  let { lock, lockDecision } = found;
  for (let attempt = 1; attempt <= lockAttempts; attempt++) {
    if (lockDecision.decision === 'ours') return go(event, { ...context, fencingToken: lockDecision.token }, reasons);
    const busy = whileBusy(lockDecision);
    if (busy) return end(event, context, busy.outcome, [...reasons, busy.reason], busy.joins);
    if (lockDecision.decision === 'take') {
      const { executionArn, rollbackId: id } = context;
      const owner = { executionArn, rollbackId: id, acquiredAt: event.now };
      const { token } = lockDecision;
      if (await acquireLock(context.service, { owner, token, expected: lock })) {
        return go(event, { ...context, fencingToken: token }, reasons);
      }
    }
    lock = await readLock(context.service);
    lockDecision = await judgeLock(lock, event);
  }
  throw new Error(`The lock of ${context.service} changed ${lockAttempts} times while it was being taken.`);
}

async function judgeLock(lock: LockState | undefined, { executionArn, now }: AdmitInput): Promise<LockDecision> {
  const decision = decideLock({ lock, executionArn, now });
  if (decision.decision !== 'ask-owner') return decision;
  const ownerStatus = await executionStatus(decision.owner.executionArn);
  return decideLock({ lock, executionArn, now, ownerStatus });
}

/** How a start ends that finds somebody else at work; `joins` is the rollback that it belongs to. */
function whileBusy(
  decision: LockDecision,
): { readonly outcome: Outcome; readonly reason: string; readonly joins?: string } | undefined {
  if (decision.decision === 'held') {
    return { outcome: 'duplicate', reason: decision.reason, joins: decision.owner.rollbackId };
  }
  return decision.decision === 'settling' ? { outcome: 'observed', reason: decision.reason } : undefined;
}

// ---------------------------------------------------------------- answers

async function go(event: AdmitInput, context: RollbackContext, reasons: readonly string[]): Promise<AdmitResult> {
  const automatic = context.request.trigger?.autoExecute === true;
  await Promise.all([
    context.fencingToken === undefined ? undefined : recordRollback(context, { automatic }),
    record(context, 'Admit', [{ kind: 'admitted', message: reasons.join(' '), data: summary(context) }], event.now),
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
    joins === undefined
      ? undefined
      : record(
          { ...context, rollbackId: joins },
          `Admit ${context.rollbackId}`,
          [{ kind: 'joined', message, data }],
          event.now,
        ),
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
