import { describe, expect, it } from 'vitest';
import {
  type Datapoint,
  evaluateAlarm,
  type MissingDataTreatment,
} from '../../../simulator/services/cloudwatch/evaluation.ts';

const treatments: MissingDataTreatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const points: Record<string, Datapoint> = { X: 'breaching', '0': 'within', '-': 'missing' };

function states(row: string, datapointsToAlarm: number): string[] {
  const range = row.split(' ').map((char) => points[char] as Datapoint);
  return treatments.map((treatMissingData) =>
    evaluateAlarm(range, { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }),
  );
}

// The tables of "Configuring how CloudWatch alarms treat missing data": oldest first, X breaching, - missing;
// columns missing, ignore, breaching, notBreaching.
describe('an alarm of 3 of 3', () => {
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - - - X', ['INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK']],
    ['X - - - -', ['ALARM', 'keep', 'ALARM', 'OK']],
  ])('%s', (row, expected) => {
    expect(states(row, 3)).toEqual(expected);
  });
});

describe('an alarm of 2 of 3', () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - X', ['INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK']],
  ])('%s', (row, expected) => {
    expect(states(row, 2)).toEqual(expected);
  });
});
