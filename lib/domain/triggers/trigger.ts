import type { AlarmDefinition, Json, ServiceConfiguration } from '../model.ts';

/** A trigger condition as it stands in the runbook: nothing about its fields can be taken for granted. */
export interface RunbookTrigger {
  /** Its place in `trigger_conditions`, from 0. */
  readonly index: number;
  /** Undefined when the entry is not an object at all. */
  readonly fields: { readonly [key: string]: Json } | undefined;
}

/** A CloudWatch source that the configuration gives for a metric of the runbook. */
export interface ConfiguredMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly unit?:
    | 'percent'
    | 'fraction'
    | 'milliseconds'
    | 'seconds'
    | 'bytes'
    | 'bytes/second'
    | 'bytes/minute'
    | 'count'
    | 'count/second'
    | 'count/minute';
  /** How often it is published. Default: every minute. */
  readonly periodSeconds?: number;
  /** What a period without a value means. Default: nothing bad. */
  readonly treatMissingData?: AlarmDefinition['treatMissingData'];
}

/** What compiling a trigger needs to know about the service. */
export interface ServiceFacts extends Omit<ServiceConfiguration, 'triggers' | 'runbook'> {
  readonly metrics: Readonly<Record<string, ConfiguredMetric>>;
  /** Others are behind the same load balancer, so errors that it makes itself cannot be put down to this service. */
  readonly sharedLoadBalancer: boolean;
}

/**
 * Why a trigger was not compiled: the field, what was found and what is allowed. A value, not an exception, because one
 * unreadable trigger must not cost the others.
 */
export interface Refusal {
  readonly refused: string;
}

export const refuse = (field: string, found: unknown, allowed: string): Refusal => ({
  refused: `${field}: found ${found === undefined ? 'nothing' : shorten(JSON.stringify(found))}, allowed: ${allowed}`,
});

export const isRefusal = (value: unknown): value is Refusal =>
  value !== null && typeof value === 'object' && 'refused' in value;

/** Long values in sentences help nobody. */
export const shorten = (text: string, length = 80): string =>
  text.length > length ? `${text.slice(0, length - 3).replace(/[\uD800-\uDBFF]$/, '')}...` : text;

/** The unit in which a threshold is compared. */
export type Unit =
  | 'percent'
  | 'fraction'
  | 'milliseconds'
  | 'bytes'
  | 'bytes/minute'
  | 'count'
  | 'count/minute'
  | 'unknown';

/** `5 %`, `1500 ms`, `1000000 bytes/minute`. */
export function quantity(value: number, unit: Unit): string {
  const text = String(roundOff(value));
  if (unit === 'percent') return `${text} %`;
  if (unit === 'fraction') return `${roundOff(value * 100)} %`;
  if (unit === 'milliseconds') return `${text} ms`;
  if (unit === 'bytes' || unit === 'bytes/minute') return `${text} ${unit}`;
  if (unit === 'count/minute') return `${text} per minute`;
  return text;
}

/** Ten significant digits: 0.29 x 100 is 29, not 28.999999999999996. */
export const roundOff = (value: number): number => Number(value.toPrecision(10));
