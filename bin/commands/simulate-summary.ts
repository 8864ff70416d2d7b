/** A run in a few lines for a person. Pure: from the document alone. */

import type { ExecutionDocument, Failure, ScenarioDocument } from '../../simulator/scenario/document.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { span } from './story/text.ts';

/**
 * @param realMs wall-clock milliseconds that the run took
 * @param judged false where nothing was expected: a person played with the account
 */
export function summarize(document: ScenarioDocument, realMs: number, judged = true): string {
  const { executions, timeline, failures } = document;
  const calls = Object.values(document.calls).reduce((sum, count) => sum + count, 0);
  const invocations = document.bundles.reduce((sum, bundle) => sum + bundle.invocations, 0);
  return [
    document.scenario,
    '',
    ...section('Executions', executions.flatMap(executionLines), 'none was started'),
    ...section(
      'Timeline',
      timeline.map(({ time, service, kind, message }) => `${time.slice(11, 19)}  ${service}  ${kind}  ${message}`),
      'nothing was written',
    ),
    `${calls} API calls, ${invocations} invocations, ${document.stateTransitions} state transitions; ` +
      `seed ${document.seed}; ${(realMs / 1000).toFixed(1)} s real time`,
    ...(judged && failures.length === 0 ? ['', 'As expected.'] : []),
    ...(failures.length > 0 ? ['', 'Not as expected:', ...failures.flatMap(failureLines)] : []),
    '',
  ].join('\n');
}

const section = (title: string, lines: readonly string[], empty: string): string[] => [
  `${title}:`,
  ...(lines.length > 0 ? lines : [empty]).map((line) => `  ${line}`),
  '',
];

function executionLines(execution: ExecutionDocument, index: number): string[] {
  const { service, status, outcome, error, reason } = summaryOf(execution);
  const took = execution.stoppedAt
    ? ` after ${span(Date.parse(execution.stoppedAt) - Date.parse(execution.startedAt))}`
    : '';
  const what = [service, status, outcome, error === outcome ? undefined : error].filter((part) => part !== undefined);
  return [`${index + 1}. ${what.join(' ')}${took}`, ...(reason === '' ? [] : [`   ${reason}`])];
}

const failureLines = ({ path, expected, actual }: Failure): string[] => [
  `  ${path}`,
  `    expected ${JSON.stringify(expected)}`,
  `    actual   ${JSON.stringify(actual)}`,
];
