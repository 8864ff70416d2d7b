import type { Json } from '../model.ts';
import { type ConditionText, minutesIn } from './condition.ts';
import type { MetricReading } from './metrics.ts';
import type { FieldName, Fields } from './rule.ts';
import { type Refusal, refuse, roundOff, shorten } from './trigger.ts';

/** CloudWatch looks back at most a day when periods are shorter than an hour. */
const longestMinutes = 1440;

/** For how long a condition has to hold: so many minutes of the last so many. Whole numbers. */
export interface Duration {
  readonly minutes: number;
  /** As many, unless the runbook gives a longer window. */
  readonly windowMinutes: number;
  readonly remarks: readonly string[];
}

/**
 * How long it holds comes from `duration_minutes`, else from the condition, else from the window. A window that is longer
 * makes it m of n minutes; one that is shorter than what has to fit into it says nothing.
 */
export function readDuration(
  field: FieldName,
  limit: Fields,
  fields: Fields,
  text: ConditionText,
  reading: MetricReading,
): Duration | Refusal {
  const asked = heldFor(field, limit, fields, text, reading);
  if ('refused' in asked) return asked;
  const { minutes: exact, remark } = asked;
  const minutes = Math.ceil(exact);
  const window = readWindow(fields.evaluation_window_minutes, text.windowMinutes, minutes);
  const spoken = text.durationMinutes;
  const differs = spoken !== undefined && roundOff(spoken) !== roundOff(exact);
  return {
    minutes,
    windowMinutes: window.minutes,
    remarks: [
      ...(remark ? [remark] : []),
      ...(minutes === exact ? [] : [`${roundOff(exact)} minutes are rounded up to ${minutes}.`]),
      ...(differs ? [`The condition says ${roundOff(spoken)} minutes; duration_minutes holds.`] : []),
      ...(window.remark ? [window.remark] : []),
    ],
  };
}

function heldFor(
  field: FieldName,
  limit: Fields,
  fields: Fields,
  text: ConditionText,
  reading: MetricReading,
): { minutes: number; remark?: string } | Refusal {
  const candidates: [string, Json | undefined][] = [
    [field('metric_threshold.duration_minutes'), limit.duration_minutes],
    [field('condition'), text.durationMinutes],
    [field('evaluation_window_minutes'), fields.evaluation_window_minutes],
  ];
  const [name = '', given] = candidates.find(([, value]) => value !== undefined && value !== null) ?? [];
  if (name === '' && reading.single) {
    return { minutes: 1, remark: `No duration is given: one ${reading.single} is enough.` };
  }
  const minutes = readMinutes(given);
  if (minutes !== undefined) return { minutes };
  const allowed = `a number of minutes above 0 and at most ${longestMinutes}`;
  return refuse(name || field('metric_threshold.duration_minutes'), given, allowed);
}

function readWindow(
  given: Json | undefined,
  spoken: number | undefined,
  minutes: number,
): { minutes: number; remark?: string } {
  const written = given ?? spoken;
  if (written === undefined) return { minutes };
  const window = readMinutes(written);
  if (window !== undefined && Math.ceil(window) > minutes) return { minutes: Math.ceil(window) };
  if (window !== undefined && Math.ceil(window) === minutes) return { minutes };
  const shown = shorten(JSON.stringify(written), 20);
  const why = window === undefined ? 'it is no number of minutes' : `${minutes} minutes do not fit into it`;
  return { minutes, remark: `evaluation_window_minutes (${shown}) is not used: ${why}.` };
}

/** A number, or a text such as `5`, `300s`, `5 minutes`. */
function readMinutes(value: Json | undefined): number | undefined {
  const number =
    typeof value === 'string' && value.trim() !== '' ? (minutesIn(value) ?? Number(value)) : (value ?? undefined);
  return typeof number === 'number' && number > 0 && number <= longestMinutes ? number : undefined;
}
