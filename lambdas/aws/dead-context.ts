/**
 * The context of a rollback whose execution is dead: as its states kept it, or made again from its input where it ended
 * before Admit could answer.
 *
 * Calls: dynamodb:GetItem, ssm:GetParameter, s3:GetObject
 */
import { serviceOfAlarm } from '../../lib/domain/backing.ts';
import type { AlarmTrigger, Json, RollbackContext, ServiceConfiguration } from '../../lib/domain/model.ts';
import { rollbackIdOf } from '../../lib/domain/names.ts';
import type { DeadExecution, Traces } from '../../lib/domain/reap.ts';
import { parseInput, type TriggerEvent } from '../../lib/domain/request.ts';
import { readConfiguration, sha256 } from './documents.ts';
import { setting } from './environment.ts';
import { readLock } from './lock.ts';
import { readPointer } from './parameters.ts';

/** Undefined where its input names no service that is protected. */
export async function contextOf(execution: DeadExecution, traces: Traces): Promise<RollbackContext | undefined> {
  const kept = traces.variables.context as unknown as RollbackContext | undefined;
  const context = kept ?? (await madeAgain(execution));
  if (!context) return undefined;
  // A Lambda may have taken the lock and died before it could tell the token.
  const lock = await readLock(context.service);
  return lock?.owner?.executionArn === execution.executionArn ? { ...context, fencingToken: lock.token } : context;
}

async function madeAgain({ executionArn, startedAt, input }: DeadExecution): Promise<RollbackContext | undefined> {
  const environment = setting('ENVIRONMENT');
  const parsed = parseInput(JSON.parse(input) as Json, environment);
  // Refused for one field, it may still name the service.
  const named = parsed.ok ? parsed.input.service : parsed.usable.service;
  const event = parsed.ok ? parsed.input.triggerEvent : undefined;
  const service = named ?? (event && serviceOfAlarm(environment, event.alarmName));
  const pointer = typeof service === 'string' ? await readPointer(environment, service) : undefined;
  if (!pointer || typeof service !== 'string') return undefined;
  const pinned = { configurationKey: pointer.key, configurationSha256: pointer.sha256 };
  const trigger = event && triggerOf(await readConfiguration(pinned), event);
  const request = parsed.ok ? parsed.input.request : unreadable;
  return {
    rollbackId: rollbackIdOf(service, startedAt, sha256(executionArn)),
    service,
    environment,
    executionArn,
    startedAt,
    ...pinned,
    request: { ...request, service, ...(trigger && { trigger }) },
  };
}

/** What an input means that asks for nothing else. */
const unreadable = {
  version: 'previous',
  strategy: 'auto',
  scope: 'app',
  backup: true,
  dryRun: false,
  reason: '',
  confirmed: false,
} as const;

/** Which of the service's triggers the alarm is; undefined where it is none, and a person wrote its name. */
function triggerOf(configuration: ServiceConfiguration, event: TriggerEvent): AlarmTrigger | undefined {
  const own = configuration.triggers.find(({ alarms }) => alarms.some(({ name }) => name === event.alarmName));
  const found = own ?? configuration.adoptedAlarms?.find(({ name }) => name === event.alarmName);
  return found && { ...event, triggerId: found.triggerId, autoExecute: found.autoExecute };
}
