/** The whole report as content: what happened, why, by which steps, how it was proven, what to do next. */
import { readDirectArn } from '../direct.ts';
import { driftSection } from '../drift/document.ts';
import { inWords } from '../elapsed.ts';
import type { Check, Measurement, TimelineEntry } from '../model.ts';
import { approvalSection } from './approval.ts';
import { baselineNote } from './baseline.ts';
import type { Block, Report, Row, Section, Tone } from './content.ts';
import { elapsedWords, type ReportFacts, startWith } from './facts.ts';
import { badgeOf, period, starterOf, summaryOf, titleOf, versions } from './headline.ts';
import { checklists, nextSteps } from './next-steps.ts';
import { snapshotSection } from './snapshot.ts';
import { stepsOf } from './steps.ts';

export function reportContent(facts: ReportFacts): Report {
  const { context, configuration } = facts;
  return {
    title: titleOf(facts),
    ...badgeOf(facts.outcome),
    summary: summaryOf(facts),
    sections: [
      next(facts),
      overview(facts),
      approvalSection(facts),
      checks(facts),
      steps(facts),
      verification(facts),
      driftSection(facts, moment),
      ...(facts.snapshot ? [snapshotSection(facts.snapshot.action, facts.snapshot.reading, moment)] : []),
      alarms(facts),
      timeline(facts),
      notices(facts),
      ...checklists(facts).map(({ title, items }) => ({ title, blocks: [{ kind: 'tasks' as const, items }] })),
    ].filter((section) => section.blocks.length > 0),
    footer:
      `Rollback ${context.rollbackId}, reported ${moment(facts.now)}. Configuration ${context.configurationSha256.slice(0, 12)}, ` +
      `runbook ${configuration.runbook.runbookId} (${configuration.runbook.sha256.slice(0, 12)}).`,
  };
}

function next(facts: ReportFacts): Section {
  const start = startWith(facts);
  const blocks: Block[] = [{ kind: 'list', items: nextSteps(facts) }];
  if (start !== undefined) blocks.push({ kind: 'code', language: 'json', text: JSON.stringify(start, null, 2) });
  return { title: 'What to do next', blocks };
}

function overview(facts: ReportFacts): Section {
  const { context, plan, checkpoint } = facts;
  const triggerId = context.request.trigger?.triggerId;
  const trigger = facts.configuration.triggers.find((candidate) => candidate.triggerId === triggerId);
  const rows: (readonly [string, string])[] = [
    ['Service', `${context.service} in ${context.environment}`],
    ['Outcome', facts.outcome],
    ['Started', `${moment(context.startedAt)}. ${starterOf(context.request)}`],
    ...(trigger ? ([['Trigger', `${trigger.name}: ${trigger.condition}`]] as const) : []),
    ['Ended', `${moment(facts.now)}, after ${elapsedWords(facts)}`],
    ...(plan?.target
      ? ([
          ['Release', versions(plan.suspect, plan.target)],
          ['Why this target', plan.targetReason],
        ] as const)
      : []),
    ...(plan?.companions ?? []).map(({ companion, reason }) => [`Companion ${companion}`, reason] as const),
    ...(plan
      ? ([
          ['Strategy', `${plan.strategy}. ${plan.strategyReason}`],
          ['Time allowed', `${inWords(plan.timeoutSeconds)}. ${plan.timeoutReason}`],
        ] as const)
      : []),
    ...(checkpoint ? ([['Checkpoint', `${checkpoint.key}, taken ${moment(checkpoint.takenAt)}`]] as const) : []),
    [
      'Execution',
      readDirectArn(context.executionArn)
        ? `${context.executionArn}: carried out directly by a person's command, so Step Functions knows nothing of it`
        : context.executionArn,
    ],
  ];
  return { title: 'At a glance', blocks: [{ kind: 'facts', rows }] };
}

function checks({ plan }: ReportFacts): Section {
  const rows = (plan?.checks ?? []).map((check) => ({
    cells: [check.status, check.name, check.evidence],
    tone: checkTones[check.status],
  }));
  return { title: 'Checks before the rollback', blocks: table(['', 'Check', 'Evidence'], rows) };
}

function steps(facts: ReportFacts): Section {
  const all = stepsOf(facts);
  const rows = all.map((step, index) => ({
    cells: [
      `${index + 1}/${all.length} ${step.result}`,
      `${period(step.action.description)} ${step.action.reason}`,
      step.startedAt ? clock(step.startedAt) : '',
      step.duration ?? '',
      step.message,
    ],
    tone: stepTones[step.result] ?? ('info' as const),
  }));
  return { title: 'Steps', blocks: table(['', 'Step', 'Began (UTC)', 'Took', 'What was seen'], rows) };
}

function verification({ verdict }: ReportFacts): Section {
  if (!verdict) return { title: 'Verification', blocks: [] };
  const rows = verdict.measurements.map((measurement) => ({
    cells: [measured(measurement), measurement.name, measurement.evidence],
    tone: measurement.ok === null ? ('info' as const) : measurement.ok ? ('good' as const) : ('bad' as const),
  }));
  const text = `The last verdict is ${verdict.result}. ${verdict.reason}`;
  return {
    title: 'Verification',
    blocks: [{ kind: 'paragraph', text }, ...table(['', 'Measurement', 'Evidence'], rows)],
  };
}

function alarms(facts: ReportFacts): Section {
  const { configuration, context } = facts;
  const { triggers } = configuration;
  const rows = triggers.map((trigger) => ({
    cells: [
      trigger.triggerId === context.request.trigger?.triggerId ? 'this one' : trigger.compiled ? '' : 'no alarm',
      trigger.triggerId,
      trigger.condition,
      trigger.reason,
      trigger.autoExecute ? 'rolls back' : 'asks',
    ],
  }));
  const relative = triggers.some((trigger) => trigger.compiled && /baseline/i.test(trigger.condition));
  const blocks: Block[] = relative ? [{ kind: 'paragraph', text: baselineNote(facts) }] : [];
  return {
    title: 'Alarms of the runbook',
    blocks: [...blocks, ...table(['', 'Trigger', 'Condition', 'How it was compiled', 'When it fires'], rows)],
  };
}

function timeline(facts: ReportFacts): Section {
  const rows = runs(facts.timeline).map(({ entry, until, times }) => {
    const again = times > 1 ? ` (${times} times until ${clock(until)})` : '';
    return { cells: [clock(entry.time), entry.kind, `${entry.message}${again}`] };
  });
  return { title: 'Timeline', blocks: table(['UTC', 'What', 'Message'], rows) };
}

function notices(facts: ReportFacts): Section {
  const rows = facts.notices.map((notice) => ({
    cells: [notice.sent ? 'sent' : 'failed', notice.audience, notice.message],
    tone: notice.sent ? ('good' as const) : ('bad' as const),
  }));
  return { title: 'Who was told', blocks: table(['', 'Audience', 'Message'], rows) };
}

/** Entries that say the same one after the other, as one. */
function runs(timeline: readonly TimelineEntry[]): { entry: TimelineEntry; until: string; times: number }[] {
  const found: { entry: TimelineEntry; until: string; times: number }[] = [];
  for (const entry of timeline) {
    const last = found.at(-1);
    if (last?.entry.kind === entry.kind && last.entry.message === entry.message) {
      last.until = entry.time;
      last.times += 1;
    } else {
      found.push({ entry, until: entry.time, times: 1 });
    }
  }
  return found;
}

const table = (columns: readonly string[], rows: readonly Row[]): Block[] =>
  rows.length > 0 ? [{ kind: 'table', columns, rows }] : [];

const checkTones: Readonly<Record<Check['status'], Tone>> = {
  ok: 'good',
  warning: 'info',
  failed: 'bad',
  'not checked': 'info',
};

const stepTones: Readonly<Record<string, Tone>> = {
  done: 'good',
  'already there': 'good',
  failed: 'bad',
  'not finished': 'bad',
};

const measured = ({ ok }: Measurement): string => (ok === null ? 'no data' : ok ? 'ok' : 'bad');

/** `2026-11-20 03:04:05 UTC` */
export const moment = (time: string): string => `${time.slice(0, 10)} ${clock(time)} UTC`;

const clock = (time: string): string => time.slice(11, 19);
