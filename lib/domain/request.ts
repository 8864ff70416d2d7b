/**
 * The execution's input, parsed once. It is written by hand at three in the morning, by the command line or by the
 * alarms' rule, so every refusal says which field, what was found, what is allowed, and an input that would work.
 */
import { InvalidInput } from './errors.ts';
import { boolean, exactly, Fields, isObject, oneOf, type Reader, show, text } from './fields.ts';
import type { Json, RollbackRequest, Scope, Strategy } from './model.ts';
import { productionPhrase } from './names.ts';
import { nearest } from './nearest.ts';

/** An alarm's event as the rule passes it on. Not believed until CloudWatch was asked. */
export interface TriggerEvent {
  readonly alarmName: string;
  readonly alarmArn: string;
  /** When the event says that the alarm changed, ISO 8601 in UTC. */
  readonly time: string;
  readonly eventId: string;
}

/** A well-formed input. `service` may still be unknown to the stack, or be missing: then the alarm's name has to tell. */
export interface ParsedInput {
  readonly service?: string;
  readonly request: Omit<RollbackRequest, 'service' | 'trigger'>;
  readonly triggerEvent?: TriggerEvent;
}

/** `usable`: the fields that may stay as they are, for the example in a refusal. */
export type ParseResult = { readonly usable: Record<string, Json> } & (
  | { readonly ok: true; readonly input: ParsedInput }
  | { readonly ok: false; readonly problems: readonly string[] }
);

/**
 * How old an alarm's event may be that finds its alarm off again. The rule gives up after 15 minutes; anything older was
 * replayed, and its incident is over: whoever starts it now is a person, and has to say so.
 */
const replayedAfterMinutes = 20;

/** @param startedAt of the execution, ISO 8601 */
export function isReplayed(event: TriggerEvent, startedAt: string): boolean {
  return Date.parse(startedAt) - Date.parse(event.time) > replayedAfterMinutes * 60_000;
}

/** Bounds of `timeout`: below, no deployment finishes; above, the state machine's own limit comes near. */
export const timeoutRange = { minimum: 60, maximum: 7_200 } as const;

const strategies: readonly Strategy[] = ['auto', 'rolling', 'blue-green', 'canary', 'instant', 'flags'];
const scopes: readonly Scope[] = ['app', 'app-db', 'full'];

/**
 * An alarm was allowed to roll back as it was deployed, and needs no phrase. Whoever wants another release, or no snapshot, decides
 * something themselves: not even with the event of an alarm that is really on does anybody get that without the phrase.
 */
const personsChoices = ['version', 'strategy', 'scope', 'backup', 'timeout', 'confirm', 'takeOver'] as const;

/** @param environment the stack's own; the input's `environment` is only compared with it */
export function parseInput(input: Json, environment: string): ParseResult {
  if (!isObject(input)) {
    return { ok: false, problems: [`The input is ${show(input)}, expected a JSON object.`], usable: {} };
  }
  const fields = new Fields(input);
  const service = fields.read('service', text(1, 255));
  const triggerEvent = fields.read('trigger', trigger);
  const timeoutSeconds = fields.read('timeout', seconds);
  const confirm = fields.read(
    'confirm',
    exactly(productionPhrase, 'the phrase that confirms a rollback in production'),
  );
  fields.read(
    'environment',
    exactly(environment, `the environment of this stack; another has a state machine of its own`),
  );
  const takeOver = fields.read('takeOver', text(1, 255));
  const request = {
    version: fields.read('version', text(1, 2_048)) ?? 'previous',
    strategy: fields.read('strategy', oneOf(strategies)) ?? 'auto',
    scope: fields.read('scope', oneOf(scopes)) ?? 'app',
    backup: fields.read('backup', boolean) ?? true,
    dryRun: fields.read('dryRun', boolean) ?? false,
    reason: fields.read('reason', text(0, 1_000)) ?? '',
    confirmed: confirm !== undefined,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(takeOver !== undefined && { takeOver }),
  };
  const chosen = triggerEvent ? personsChoices.filter((name) => Object.hasOwn(input, name)) : [];
  const problems = [
    ...fields.problems(),
    ...chosen.map((name) => `"${name}" goes with a start by hand only: leave "trigger" out.`),
  ];
  if (problems.length > 0) return { ok: false, problems, usable: fields.usable };
  return {
    ok: true,
    usable: fields.usable,
    input: { request, ...(service !== undefined && { service }), ...(triggerEvent && { triggerEvent }) },
  };
}

/** The error to throw for bad input; `services` are those of the stack, or none when they cannot be read. */
export function refusal(
  problems: readonly string[],
  usable: Record<string, Json>,
  services: readonly string[],
): InvalidInput {
  const given = typeof usable.service === 'string' ? usable.service : undefined;
  const service = given !== undefined && (services.length === 0 || services.includes(given)) ? given : services[0];
  const { trigger: _event, ...rest } = usable;
  return new InvalidInput(
    `${problems.join(' ')} This would work: ${JSON.stringify({ ...rest, service: service ?? 'checkout' })}`,
  );
}

/** What to say when no service is named, or one that the stack does not have. */
export function serviceProblem(service: string | undefined, environment: string, services: readonly string[]): string {
  if (services.length === 0) return `${environment} has no service yet: deploy one with Backstep first.`;
  const allowed = `${environment} has ${services.join(', ')}.`;
  if (service === undefined) return `"service" is missing: ${allowed}`;
  const meant = nearest(service, services);
  return `"service" is ${show(service)}: ${allowed}${meant ? ` Did you mean "${meant}"?` : ''}`;
}

/** The exact input that does for real what a rollback that ended `ready` has planned. */
export function startInput(request: RollbackRequest, production: boolean): { [key: string]: Json } {
  const reason = request.reason || (request.trigger ? `Alarm ${request.trigger.alarmName}` : '');
  return {
    service: request.service,
    version: request.version,
    ...(request.strategy !== 'auto' && { strategy: request.strategy }),
    ...(request.scope !== 'app' && { scope: request.scope }),
    ...(!request.backup && { backup: false }),
    ...(request.timeoutSeconds !== undefined && { timeout: request.timeoutSeconds }),
    ...(reason && { reason }),
    ...(request.takeOver !== undefined && { takeOver: request.takeOver }),
    ...(production && { confirm: productionPhrase }),
  };
}

// ---------------------------------------------------------------- fields of its own

const seconds: Reader<number> = (found) => {
  const { minimum, maximum } = timeoutRange;
  if (typeof found === 'number' && Number.isInteger(found) && found >= minimum && found <= maximum)
    return { value: found };
  return { allowed: `write whole seconds from ${minimum} to ${maximum}, without quotes` };
};

const trigger: Reader<TriggerEvent> = (found) => {
  const allowed =
    'it is written by the alarms’ rule, with the strings alarmName, alarmArn, state, time and eventId; leave it out of a start by hand';
  if (!isObject(found)) return { allowed };
  const { alarmName, alarmArn, time, eventId } = found;
  const utc = typeof time === 'string' ? toUtc(time) : undefined;
  if (!isName(alarmName, 255) || !isName(alarmArn, 1_600) || !isName(eventId, 255) || !utc) return { allowed };
  return { value: { alarmName, alarmArn, time: utc, eventId } };
};

/** CloudWatch refuses anything else with an error of its own, which would look like an outage and be retried. */
function isName(value: Json | undefined, maximum: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maximum && !/\p{Cc}/u.test(value);
}

/** CloudWatch writes `2026-11-20T03:04:05.000+0000`, EventBridge `2026-11-20T03:04:05Z`. */
function toUtc(time: string): string | undefined {
  const ms = Date.parse(time.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  // Other centuries cannot be asked about: adding a minute may leave what a Date can hold.
  return ms >= Date.UTC(2000) && ms < Date.UTC(3000) ? new Date(ms).toISOString() : undefined;
}
