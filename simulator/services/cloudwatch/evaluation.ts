/**
 * How an alarm's state follows from its datapoints: "Configuring how CloudWatch alarms treat missing data" in the
 * CloudWatch user guide, both tables of which are tests.
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingDataTreatment = 'breaching' | 'notBreaching' | 'ignore' | 'missing';
/** Of one period, oldest first in a list. */
export type Datapoint = 'breaching' | 'within' | 'missing';

export interface EvaluationRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
}

/** CloudWatch retrieves more datapoints than it evaluates: 5 for 3 in the user guide's tables. */
export const evaluationRange = (evaluationPeriods: number): number => evaluationPeriods + 2;

/** `keep` leaves the alarm in the state it is in. */
export function evaluateAlarm(range: readonly Datapoint[], rule: EvaluationRule): AlarmState | 'keep' {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const existing = range.filter((point) => point !== 'missing').slice(-evaluationPeriods);
  const breaching = existing.filter((point) => point === 'breaching').length;
  const filled = evaluationPeriods - existing.length;

  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (filled === 0) return 'OK';
  if (treatMissingData === 'breaching') return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (treatMissingData === 'notBreaching' || breaching < existing.length) return 'OK';
  if (treatMissingData === 'ignore') return 'keep';
  return oldEnough(range, datapointsToAlarm) ? 'ALARM' : 'INSUFFICIENT_DATA';
}

/** Against premature alarms: the oldest breaching datapoint is at least `datapointsToAlarm` periods old. */
function oldEnough(range: readonly Datapoint[], datapointsToAlarm: number): boolean {
  const oldest = range.indexOf('breaching');
  return oldest >= 0 && range.length - oldest >= datapointsToAlarm;
}
