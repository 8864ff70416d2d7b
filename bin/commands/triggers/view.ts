import type { AdoptedAlarm, AlarmDefinition, AlarmQuery, CompiledTrigger } from '../../../lib/domain/model.ts';
import { wrap } from '../story/text.ts';

/** One element per trigger of the file, in its order. */
export const asJson = (triggers: readonly CompiledTrigger[]): string =>
  `${JSON.stringify(
    triggers.map(({ triggerId, compiled, alarms, autoExecute, reason }) => ({
      triggerId,
      compiled,
      alarms: alarms.map((alarm) => ({
        name: alarm.name,
        expression: wholeExpression(alarm),
        threshold: alarm.threshold,
        comparison: alarm.comparison,
        periodSeconds: alarm.periodSeconds,
        evaluationPeriods: alarm.evaluationPeriods,
        datapointsToAlarm: alarm.datapointsToAlarm,
        treatMissingData: alarm.treatMissingData,
      })),
      autoExecute,
      reason,
    })),
    null,
    2,
  )}\n`;

export interface Surroundings {
  readonly runbookId: string;
  /** What the triggers were compiled for. */
  readonly intro: string;
  readonly adopted: readonly AdoptedAlarm[];
}

/** For a terminal of 80 columns. */
export function asText(triggers: readonly CompiledTrigger[], { runbookId, intro, adopted }: Surroundings): string {
  const missing = triggers.filter(({ compiled }) => !compiled).map(({ triggerId }) => triggerId);
  const auto = triggers.filter(({ compiled, autoExecute }) => compiled && autoExecute).length;
  const compiled = triggers.length - missing.length;
  const total = `${compiled} of ${triggers.length} triggers compile: ${auto} auto, ${compiled - auto} approval.`;
  return [
    `Runbook ${runbookId}`,
    ...wrap(intro, 0),
    '',
    ...triggers.flatMap((trigger) => [...triggerLines(trigger), '']),
    ...adopted.map(
      ({ name, triggerId, autoExecute }) =>
        `Adopted alarm ${name}: ${autoExecute ? 'auto' : 'approval'}${triggerId === name ? '' : `, for ${triggerId}`}`,
    ),
    ...wrap(missing.length === 0 ? total : `${total} Nothing watches for ${missing.join(', ')}.`, 0),
    '',
  ].join('\n');
}

function triggerLines({ triggerId, condition, compiled, autoExecute, reason, alarms }: CompiledTrigger): string[] {
  const mode = compiled ? (autoExecute ? 'auto' : 'approval') : 'NOT COMPILED';
  return [
    `${triggerId}  [${mode}]`,
    ...(condition === '' ? [] : wrap(condition, 2, '  ')),
    ...wrap(reason, 4, '  = ').map((line, index) => (index === 0 && !compiled ? line.replace('=', '!') : line)),
    ...alarms.flatMap(alarmLines),
  ];
}

function alarmLines(alarm: AlarmDefinition): string[] {
  const { datapointsToAlarm: m, evaluationPeriods: n, periodSeconds } = alarm;
  const limit = `${signs[alarm.comparison]} ${alarm.threshold}`;
  const periods = `${m} of ${n} ${n === 1 ? 'period' : 'periods'} of ${periodSeconds} s`;
  const returned = alarm.queries.find(({ returnData }) => returnData);
  const steps = alarm.queries.filter((query) => query.expression !== undefined && query !== returned);
  const metrics = alarm.queries.flatMap(({ metric }) => (metric ? `${metric.statistic} of ${metric.metricName}` : []));
  const compared = returned?.expression === undefined ? metrics.join() : returned.expression;
  return [
    `  alarm ${alarm.name}`,
    ...wrap(`${compared} ${limit}`, 8, '    '),
    ...(steps.length === 0
      ? []
      : wrap(`where ${steps.map(({ id, expression }) => `${id} = ${expression}`).join('; ')}`, 8, '    ')),
    ...(returned?.expression === undefined ? [] : wrap(`from ${[...new Set(metrics)].join(', ')}`, 8, '    ')),
    `    ${periods}, missing data ${alarm.treatMissingData}`,
  ];
}

const signs: Readonly<Record<AlarmDefinition['comparison'], string>> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

/** What the alarm compares, followed by everything that it is made of: `IF(sample >= 20, …) where sample = …; errors = …`. */
function wholeExpression({ queries }: AlarmDefinition): string {
  const returned = queries.find(({ returnData }) => returnData);
  const parts = queries.filter((query) => query !== returned).map((query) => `${query.id} = ${source(query)}`);
  const value = returned ? source(returned) : '';
  return parts.length === 0 ? value : `${value} where ${parts.join('; ')}`;
}

const source = (query: AlarmQuery): string => query.expression ?? metricWords(query);

/** `Sum(AWS/ApplicationELB RequestCount, LoadBalancer app/shop/50dc, TargetGroup targetgroup/checkout/943f)` */
function metricWords(query: AlarmQuery | undefined): string {
  if (!query?.metric) return '';
  const { namespace, metricName, dimensions, statistic } = query.metric;
  const names = Object.entries(dimensions).map(([name, value]) => `${name} ${value}`);
  return `${statistic}(${[`${namespace} ${metricName}`, ...names].join(', ')})`;
}
