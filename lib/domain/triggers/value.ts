import type { Json } from '../model.ts';
import { type Refusal, refuse, roundOff, type Unit } from './trigger.ts';

/** A threshold as written, before it is known what it is compared with. */
export type Threshold =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number }
  /** In milliseconds, bytes, bytes per minute or a count per minute. */
  | { readonly kind: 'quantity'; readonly value: number; readonly unit: Unit; readonly written: string }
  /** `baseline_error_rate * 5`: name `error_rate`, factor 5. `baseline * 3` has no name. */
  | { readonly kind: 'baseline'; readonly name: string | undefined; readonly factor: number };

export const allowedValues =
  'a number, a percentage such as "95%", a multiple of a baseline such as "baseline * 5", ' +
  'or a number with a unit such as "500ms", "1MB/minute" or "10/minute"';

const number = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const baseline = String.raw`baseline(?:_([A-Za-z]\w*))?`;
const patterns = {
  number: new RegExp(`^${number}$`),
  percent: new RegExp(`^(${number})\\s*(?:%|percent|pct)$`, 'i'),
  baseline: new RegExp(`^${baseline}$`, 'i'),
  baselineTimes: new RegExp(`^${baseline}\\s*[*x]\\s*(${number})$`, 'i'),
  timesBaseline: new RegExp(`^(${number})\\s*[*x]\\s*${baseline}$`, 'i'),
  quantity: new RegExp(`^(${number})\\s*([A-Za-z]+)(?:\\s*(?:/|per\\s)\\s*([A-Za-z]+))?$`, 'i'),
  countRate: new RegExp(`^(${number})\\s*(?:/|per\\s)\\s*([A-Za-z]+)$`, 'i'),
};

/** Undefined for null and blank text: the caller then asks the condition. */
export function readThreshold(field: string, value: Json | undefined): Threshold | Refusal | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'number', value };
  if (typeof value !== 'string') return refuse(field, value, allowedValues);
  const text = value.trim();
  if (text === '') return undefined;
  return (
    (text.length <= 100 && finite(readNumber(text) ?? readBaseline(text) ?? readQuantity(text))) ||
    refuse(field, value, allowedValues)
  );
}

function readNumber(text: string): Threshold | undefined {
  if (patterns.number.test(text)) return { kind: 'number', value: Number(text) };
  const percent = patterns.percent.exec(text);
  return percent ? { kind: 'percent', value: Number(percent[1]) } : undefined;
}

function readBaseline(text: string): Threshold | undefined {
  const alone = patterns.baseline.exec(text);
  if (alone) return { kind: 'baseline', name: alone[1], factor: 1 };
  const after = patterns.baselineTimes.exec(text);
  if (after) return { kind: 'baseline', name: after[1], factor: Number(after[2]) };
  const before = patterns.timesBaseline.exec(text);
  return before ? { kind: 'baseline', name: before[2], factor: Number(before[1]) } : undefined;
}

const milliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
};
/** MB is a million bytes, MiB 2^20, as the units say. */
const bytes: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const perMinute: Readonly<Record<string, number>> = {
  s: 60,
  sec: 60,
  second: 60,
  m: 1,
  min: 1,
  minute: 1,
  minutes: 1,
  seconds: 60,
  h: 1 / 60,
  hr: 1 / 60,
  hour: 1 / 60,
  hours: 1 / 60,
};

function readQuantity(text: string): Threshold | undefined {
  const [, count, every = ''] = patterns.countRate.exec(text) ?? [];
  const times = lookUp(perMinute, every.toLowerCase());
  if (count !== undefined && times !== undefined) {
    return { kind: 'quantity', value: roundOff(Number(count) * times), unit: 'count/minute', written: text };
  }
  const [, digits, unit = '', time] = patterns.quantity.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const name = unit.toLowerCase();
  const size = lookUp(bytes, name);
  if (time !== undefined) {
    const rate = lookUp(perMinute, time.toLowerCase());
    if (size === undefined || rate === undefined) return undefined;
    return { kind: 'quantity', value: roundOff(Number(digits) * size * rate), unit: 'bytes/minute', written: text };
  }
  if (size !== undefined)
    return { kind: 'quantity', value: roundOff(Number(digits) * size), unit: 'bytes', written: text };
  const duration = lookUp(milliseconds, name);
  if (duration === undefined) return undefined;
  return { kind: 'quantity', value: roundOff(Number(digits) * duration), unit: 'milliseconds', written: text };
}

const lookUp = (table: Readonly<Record<string, number>>, key: string): number | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const finite = (threshold: Threshold | undefined): Threshold | undefined =>
  threshold && Number.isFinite(threshold.kind === 'baseline' ? threshold.factor : threshold.value)
    ? threshold
    : undefined;
