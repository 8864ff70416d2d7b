import { type Following, limitOf } from './baseline.ts';
import type { MetricReading } from './metrics.ts';
import { quantity, type Refusal, refuse, roundOff } from './trigger.ts';
import type { Threshold } from './value.ts';

/** A threshold in the metric's own unit, and where it comes from in words. */
export interface ResolvedThreshold {
  readonly value: number;
  readonly origin: string;
  /** Where the threshold follows the published baseline; `value` then is what it is without one. */
  readonly follows?: Following;
}

/**
 * The lowest thresholds that a multiple of a baseline may have. A service that never fails has a baseline of zero, and
 * five times zero would make one error an incident; one that answers in 3 ms may take 12 without anybody being worse off.
 */
export const floors = { errorRatePercent: 1, p95ResponseTimeMs: 100 };

/**
 * Brings a threshold into the metric's unit. `text` is the value in the condition's words, which settles whether a bare
 * number is a share or percent; where the two contradict each other, neither is believed.
 */
export function resolveThreshold(
  field: string,
  threshold: Threshold,
  text: Threshold | undefined,
  reading: MetricReading,
): ResolvedThreshold | Refusal {
  if (threshold.kind === 'baseline') return fromBaseline(field, threshold, reading);
  if (threshold.kind === 'quantity') return fromQuantity(field, threshold, reading);
  if (reading.unit === 'percent' || reading.unit === 'fraction') return fromShare(field, threshold, text, reading);
  if (threshold.kind === 'percent') {
    return refuse(field, `${threshold.value}%`, `${inUnit(reading)}; ${reading.metric} is no share of anything known`);
  }
  if (text?.kind === 'quantity' && text.unit === reading.unit) return fromWords(field, threshold.value, text);
  if (reading.unit === 'milliseconds' && threshold.value > 0 && threshold.value < 10) {
    return refuse(field, threshold.value, 'a response time with its unit, such as "500ms" or "0.5s"');
  }
  return { value: roundOff(threshold.value), origin: 'from the runbook' };
}

function fromBaseline(
  field: string,
  threshold: Threshold & { kind: 'baseline' },
  reading: MetricReading,
): ResolvedThreshold | Refusal {
  const written = `baseline${threshold.name ? `_${threshold.name}` : ''} * ${threshold.factor}`;
  const { baseline } = reading;
  if (!baseline) return refuse(field, written, `${inUnit(reading)}; there is no baseline for ${reading.metric}`);
  if (threshold.name && !baseline.names.includes(threshold.name.toLowerCase())) {
    return refuse(
      field,
      written,
      `"baseline_${baseline.names[0]} * ${threshold.factor}" or "baseline * ${threshold.factor}"`,
    );
  }
  if (threshold.factor <= 0) return refuse(field, written, 'a multiple of the baseline above 0');
  const { factor } = threshold;
  const { floor, fallback, published } = baseline;
  const value = limitOf(factor, floor, fallback);
  const without = `${quantity(value, reading.unit)}, from the configured fallback of ${quantity(fallback, reading.unit)}`;
  const atLeast = `at least ${quantity(floor, reading.unit)}`;
  if (!published) {
    return { value, origin: `${factor} x baseline, ${atLeast}; none is measured for this source, so ${without}` };
  }
  return {
    value,
    origin: `${factor} x the published baseline, ${atLeast}; while none is published ${without}`,
    follows: { baseline: published, factor, floor },
  };
}

function fromQuantity(
  field: string,
  threshold: Threshold & { kind: 'quantity' },
  reading: MetricReading,
): ResolvedThreshold | Refusal {
  const origin = `${threshold.written} in the runbook`;
  const { countedSeconds } = reading;
  if (threshold.unit === 'count/minute' && reading.unit === 'count' && countedSeconds !== undefined) {
    return { value: roundOff((threshold.value * countedSeconds) / 60), origin };
  }
  if (threshold.unit !== reading.unit) return refuse(field, threshold.written, inUnit(reading));
  return { value: threshold.value, origin };
}

/** A bare 2 beside the words `2s` means two seconds; a 2000 means the same, and anything else is a contradiction. */
function fromWords(field: string, value: number, text: Threshold & { kind: 'quantity' }): ResolvedThreshold | Refusal {
  const same = value === text.value || value === Number.parseFloat(text.written);
  return same
    ? { value: text.value, origin: `${text.written} in the runbook` }
    : refuse(field, value, said(text.written));
}

const said = (words: string): string => `what the condition says, ${words}`;

/** Percent or share of one: from the sign, from the condition's words, or from the size where that leaves no doubt. */
function fromShare(
  field: string,
  threshold: Threshold & { kind: 'number' | 'percent' },
  text: Threshold | undefined,
  reading: MetricReading,
): ResolvedThreshold | Refusal {
  const written = threshold.kind === 'percent' ? `${threshold.value}%` : threshold.value;
  const percent = asPercent(threshold, text, reading);
  if (percent === undefined) {
    const example = roundOff(threshold.value);
    return refuse(
      field,
      written,
      text && text.kind === 'percent'
        ? said(`${text.value}%`)
        : `a percentage with its sign: "${example}%" or "${roundOff(example * 100)}%"`,
    );
  }
  if (percent < 0) return refuse(field, written, 'a share from 0 to 100 %');
  if (reading.atMostAll && percent > 100) return refuse(field, written, 'a share from 0 to 100 %');
  const value = roundOff(reading.unit === 'percent' ? percent : percent / 100);
  return { value, origin: `${roundOff(percent)} % in the runbook` };
}

function asPercent(
  threshold: Threshold & { kind: 'number' | 'percent' },
  text: Threshold | undefined,
  reading: MetricReading,
): number | undefined {
  const { kind, value } = threshold;
  if (text?.kind === 'percent') {
    const candidates = kind === 'percent' ? [value] : [value, value * 100];
    return candidates.map(roundOff).find((candidate) => candidate === roundOff(text.value));
  }
  if (kind === 'percent') return value;
  if (value === 0) return 0;
  // 1 is 1 % for an error rate and everything for an availability; only the latter is a share by nature.
  if (value === 1) return reading.unit === 'fraction' ? 100 : undefined;
  return value > 0 && value < 1 ? value * 100 : value;
}

function inUnit({ unit }: MetricReading): string {
  if (unit === 'percent' || unit === 'fraction') return 'a percentage such as "5%"';
  if (unit === 'milliseconds') return 'a response time such as "500ms"';
  if (unit === 'bytes/minute') return 'a rate such as "1MB/minute"';
  if (unit === 'bytes') return 'a size such as "512MB"';
  if (unit === 'count/minute') return 'a rate such as "10/minute"';
  return 'a plain number';
}
