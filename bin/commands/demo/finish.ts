/** The end of the demo: what it took, and where the report lies. Numbers from calls, table and report documents. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { operator } from '../../../simulator/iam.ts';
import type { TimelineDocument } from '../../../simulator/scenario/document.ts';
import { milliseconds } from '../../../simulator/scenario/duration.ts';
import type { FinishedRun } from '../../../simulator/scenario/run.ts';
import { writeDocuments } from '../documents.ts';
import { type ReportSummary, readReport } from '../report-document.ts';
import { span, wrap } from '../story/text.ts';
import type { Teller } from './teller.ts';

/** @param shown how a path is shown to the reader */
export async function finish(
  run: FinishedRun,
  teller: Teller,
  directory: string,
  shown: (path: string) => string,
): Promise<void> {
  const { bold, green, red } = teller.style;
  await teller.say(['', ...totals(run).flatMap(([label, value]) => wrap(value, 34, label.padEnd(34)))]);

  const written = writeDocuments(run, directory, 'reports/');
  const reports = written
    .filter((path) => basename(path) === 'report.json')
    .map((path) => ({ path, report: readReport(readFileSync(path, 'utf8'), path) }))
    // What changed something comes last: it is what the reader wants to open.
    .sort((a, b) => Number(a.report.status !== 'ready') - Number(b.report.status !== 'ready'));
  for (const { path, report } of reports) {
    const folder = dirname(path);
    const others = written.filter((one) => one.startsWith(`${folder}${sep}`)).length - 2;
    const files = [path, join(folder, 'report.md')].map((one) => `  ${shown(one)}`);
    await teller.say(['', bold(reportText(report)), ...files, `  and ${others} more files beside them`]);
  }
  if (reports.length === 0) await teller.say(['', 'No execution left a report.']);
  const { failures } = run.document;
  await teller.say([
    '',
    failures.length === 0
      ? green('Everything went as the scenario expects.')
      : red(`Not as the scenario expects: ${failures.map(({ path }) => path).join(', ')}.`),
  ]);
}

function reportText({ rollbackId, outcome, duration }: ReportSummary): string {
  const ms = milliseconds(duration);
  return `Report of ${rollbackId}: ${outcome}${ms > 0 ? ` after ${span(ms)}` : ''}`;
}

function totals({ account, document, startMs, endMs, realMs }: FinishedRun): [string, string][] {
  const calls = Object.values(document.calls).reduce((sum, count) => sum + count, 0);
  const first = firstChange(account);
  return [
    ...first,
    ...(first.length > 0 ? thinking(document.timeline) : []),
    ['Virtual time', span(endMs - startMs)],
    [
      'Real time',
      `${span(realMs)} for ${account.lambda.invocations.length} invocations of the bundled Lambdas, ` +
        `${document.stateTransitions} state transitions and ${calls} API calls`,
    ],
  ];
}

/** From the event that started the first execution to the first call that changed what users get. */
function firstChange(account: FinishedRun['account']): [string, string][] {
  const changing = new Set([
    'ecs:UpdateService',
    'elasticloadbalancing:ModifyRule',
    'elasticloadbalancing:ModifyListener',
  ]);
  const call = account.calls.find(
    ({ service, operation, principal, error }) =>
      principal !== operator.arn && error === undefined && changing.has(`${service}:${operation}`),
  );
  const alarm = account.events.received.find(
    (event) =>
      event['detail-type'] === 'CloudWatch Alarm State Change' &&
      (event.detail as { state: { value: string } }).state.value === 'ALARM',
  );
  if (!call || !alarm) return [];
  const ms = Date.parse(call.time) - Date.parse(alarm.time);
  return ms < 0 ? [] : [['From alarm to the first change', `${span(ms)} (${call.service}:${call.operation})`]];
}

/** From a question to its answer. */
function thinking(timeline: readonly TimelineDocument[]): [string, string][] {
  const asked = timeline.findIndex(({ kind }) => kind === 'approval.requested');
  const answered = timeline.slice(asked + 1).find(({ kind }) => kind.startsWith('approval.'));
  const since = timeline[asked]?.time;
  if (since === undefined || !answered) return [];
  return [['  of that, waiting for a person', span(Date.parse(answered.time) - Date.parse(since))]];
}
