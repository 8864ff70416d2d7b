/** CloudWatch's own sentences and timestamps for a change of state. */
import type { AlarmState, MissingDataTreatment } from './evaluation.ts';

export interface EvaluatedPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** `2019-10-02T17:04:40.989+0000` */
export const alarmTimestamp = (timeMs: number): string => new Date(timeMs).toISOString().replace('Z', '+0000');

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `Friday 22 July, 2022 15:57:45 UTC`, as the reasons of composite alarms have it. */
export function longTime(timeMs: number): string {
  const time = new Date(timeMs);
  const day = String(time.getUTCDate()).padStart(2, '0');
  const date = `${weekdays[time.getUTCDay()]} ${day} ${months[time.getUTCMonth()]}, ${time.getUTCFullYear()}`;
  return `${date} ${time.toISOString().slice(11, 19)} UTC`;
}

const relations: Record<string, string> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

export interface Reasoning {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly comparison: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
  /** Those that decided: breaching ones for ALARM, the others for OK; newest first. */
  readonly deciding: readonly EvaluatedPoint[];
}

export function stateReason(reasoning: Reasoning): string {
  const { to, evaluationPeriods: periods, deciding } = reasoning;
  if (to === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${periods} ${periods === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
  }
  if (deciding.length === 0) {
    const treatment = reasoning.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    return periods === 1
      ? `Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [${treatment}].`
      : `Threshold Crossed: no datapoints were received for ${periods} periods and ${periods} missing datapoints were treated as [${treatment}].`;
  }
  const list = deciding.map(({ timeMs, value }) => `${double(value)} (${shortTime(timeMs)})`).join(', ');
  const verb = deciding.length === 1 ? 'was' : 'were';
  const relation = `${to === 'OK' ? 'not ' : ''}${relations[reasoning.comparison] ?? reasoning.comparison}`;
  const minimum = to === 'ALARM' ? reasoning.datapointsToAlarm : periods - reasoning.datapointsToAlarm + 1;
  return (
    `Threshold Crossed: ${deciding.length} out of the last ${periods} datapoints [${list}] ${verb} ${relation} ` +
    `the threshold (${double(reasoning.threshold)}) ` +
    `(minimum ${minimum} datapoint${minimum === 1 ? '' : 's'} for ${reasoning.from} -> ${to} transition).`
  );
}

/** `50.0`, `33.6`: a number as Java writes a double. */
const double = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** `02/10/19 16:59:00` */
function shortTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}
