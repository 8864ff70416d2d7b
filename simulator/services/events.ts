/**
 * EventBridge's default bus: rules match, inputs are transformed, targets are called after a short while, failures are
 * retried and end in the dead-letter queue. Delivery is at least once: a fault may double an event or lose it.
 */

import type { PutEventsRequest } from '@aws-sdk/client-eventbridge';
import * as schemas from '@aws-sdk/client-eventbridge';
import type { SimulatedAccount } from '../account.ts';
import type { Scheduled } from '../clock.ts';
import type { Random } from '../random.ts';
import { AwsError, type FaultEffect, type Operation, type SimulatedService } from '../service.ts';
import { Deliveries, type Delivery, type DeliveryHost } from './events/delivery.ts';
import { checkPattern, matches } from './events/pattern.ts';
import type { BusEvent, Rule } from './events/rule.ts';
import { intervalMs } from './events/schedule.ts';

export type { Delivery } from './events/delivery.ts';
export type { BusEvent, Rule, RuleTarget } from './events/rule.ts';

/** Virtual milliseconds from the event to the first attempt; AWS speaks of half a second as typical. */
const deliveryLatencyMs = 500;

/** Bytes of one PutEvents entry. */
const entryLimitBytes = 256 * 1024;

export interface EmittedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: object;
  readonly time?: string;
  readonly account?: string;
  readonly id?: string;
}

export class EventBridge implements SimulatedService {
  readonly endpointPrefix = 'events';
  readonly iamPrefix = 'events';
  readonly protocol = 'json';
  readonly schemas = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Every event put on the bus, matched or not, in order. */
  readonly received: BusEvent[] = [];
  readonly #account: EventsHost;
  readonly #random: Random;
  readonly #rules = new Map<string, Rule>();
  readonly #schedules = new Map<string, Scheduled>();
  readonly #deliveries: Deliveries;

  constructor(account: EventsHost) {
    this.#account = account;
    this.#random = account.random.fork('events');
    this.#deliveries = new Deliveries(account);
    this.operations = { PutEvents: this.#putEvents };
  }

  /** Every delivery attempt, in order. */
  get delivered(): readonly Delivery[] {
    return this.#deliveries.history;
  }

  get rules(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  /** @throws Error for a pattern or a target that the simulated bus would not treat as AWS does */
  putRule(rule: Rule): void {
    if (!rule.pattern && rule.scheduleExpression === undefined)
      throw new Error(`Rule ${rule.name} has neither pattern nor schedule`);
    if (rule.pattern) checkPattern(rule.pattern);
    if (rule.targets.length > 5) throw new Error(`Rule ${rule.name}: a rule has at most 5 targets`);
    for (const target of rule.targets) this.#deliveries.check(target);
    this.#rules.set(rule.name, rule);
    this.#schedules.get(rule.name)?.cancel();
    if (rule.scheduleExpression !== undefined) this.#schedule(rule, intervalMs(rule.scheduleExpression));
  }

  #schedule(rule: Rule, everyMs: number): void {
    const { clock } = this.#account;
    // Of its own, so that a rule more or less changes nobody else's ids.
    const random = this.#account.random.fork(`schedule ${rule.name}`);
    const minute = Math.floor((clock.now() + everyMs) / 60_000) * 60_000;
    const scheduled = clock.every(everyMs, minute + random.integer(60) * 1000, () => {
      if (rule.state === 'ENABLED') this.#tick(rule, random.uuid());
    });
    this.#schedules.set(rule.name, scheduled);
  }

  /** A scheduled event goes to its own rule's targets and is on no bus: no pattern can match it. */
  #tick(rule: Rule, id: string): void {
    const event = this.#event({
      id,
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [rule.arn],
      detail: {},
    });
    this.#deliver(rule, event, this.#fault(event));
  }

  /** Puts an event on the default bus; `id`, `time` and `account` are filled in. */
  emit(emitted: EmittedEvent): BusEvent {
    const event = this.#event(emitted);
    this.received.push(event);
    const effect = this.#fault(event);
    for (const rule of this.#rules.values())
      if (rule.state === 'ENABLED' && rule.pattern && matches(rule.pattern, event)) this.#deliver(rule, event, effect);
    return event;
  }

  #event(emitted: EmittedEvent): BusEvent {
    return {
      version: '0',
      id: emitted.id ?? this.#random.uuid(),
      'detail-type': emitted['detail-type'],
      source: emitted.source,
      account: emitted.account ?? this.#account.id,
      time: emitted.time ?? toSecond(this.#account.clock.now()),
      region: this.#account.region,
      resources: emitted.resources,
      detail: emitted.detail,
    };
  }

  #fault(event: BusEvent): FaultEffect | undefined {
    return this.#account.fault({
      kind: 'event',
      source: event.source,
      detailType: event['detail-type'],
      event,
    });
  }

  #deliver(rule: Rule, event: BusEvent, effect: FaultEffect | undefined): void {
    for (const target of rule.targets)
      for (let copy = 0; copy < (effect?.deliveries ?? 1); copy += 1)
        this.#deliveries.schedule(rule, target, event, deliveryLatencyMs + (effect?.delayMs ?? 0));
  }

  readonly #putEvents: Operation<PutEventsRequest> = {
    resources: (input) => (input.Entries ?? []).map((entry) => busArn(entry.EventBusName ?? 'default', this.#account)),
    conditions: (input) => ({
      'events:source': (input.Entries ?? []).map((entry) => entry.Source ?? ''),
      'events:detail-type': (input.Entries ?? []).map((entry) => entry.DetailType ?? ''),
    }),
    run: (input) => {
      const entries = input.Entries ?? [];
      if (entries.length < 1 || entries.length > 10)
        throw new AwsError(
          'ValidationException',
          "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
        );
      const results = entries.map((entry) => this.#putEntry(entry));
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
    },
  };

  /** A bad entry fails alone; the call succeeds. */
  #putEntry(entry: NonNullable<PutEventsRequest['Entries']>[number]) {
    const bus = busArn(entry.EventBusName ?? 'default', this.#account);
    if (!bus.endsWith('/default')) throw new Error(`Event buses besides the default one are not simulated: ${bus}`);
    const failed = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (!entry.Source)
      return failed('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
    if (entry.Source.startsWith('aws.'))
      return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
    if (!entry.DetailType)
      return failed('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
    let detail: unknown;
    try {
      detail = JSON.parse(entry.Detail ?? '');
    } catch {
      detail = undefined;
    }
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
      return failed('MalformedDetail', 'Detail is malformed.');
    if (Buffer.byteLength(entry.Detail ?? '') > entryLimitBytes)
      return failed('InvalidArgument', 'Total size of the entries in the request is over the limit.');
    const event = this.emit({
      source: entry.Source,
      'detail-type': entry.DetailType,
      resources: entry.Resources ?? [],
      detail,
      ...(entry.Time === undefined ? {} : { time: toSecond(entry.Time.getTime()) }),
    });
    return { EventId: event.id };
  }
}

export type EventsHost = DeliveryHost & Pick<SimulatedAccount, 'arn' | 'id' | 'region'>;

const busArn = (nameOrArn: string, account: Pick<SimulatedAccount, 'arn'>): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : account.arn('events', `event-bus/${nameOrArn}`);

/** `2026-11-20T03:04:05Z`, as events on the bus carry it. */
const toSecond = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
