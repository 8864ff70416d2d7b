/**
 * Report: tells people, writes the documents, remembers in the ledger how the releases turned out, and gives the lock
 * back. Repeating it sends nothing twice and writes the same documents again.
 *
 * Calls: s3:GetObject, s3:PutObject, rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots, ecs:DescribeServices,
 * elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetHealth, sns:Publish,
 * dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import { describeNotice, driftNotice } from '../lib/domain/drift/notice.ts';
import { isoDuration } from '../lib/domain/elapsed.ts';
import type { Audience, Plan, RollbackContext, TimelineEntry } from '../lib/domain/model.ts';
import { type Notification, notificationsFor } from '../lib/domain/notifications.ts';
import { reportDocument } from '../lib/domain/report/document.ts';
import {
  type CheckpointSummary,
  elapsedSeconds,
  fullReason,
  type Notice,
  type ReportFacts,
  startWith,
  statusOf,
  succeeded,
} from '../lib/domain/report/facts.ts';
import { reportFiles } from '../lib/domain/report/files.ts';
import { changed } from '../lib/domain/report/next-steps.ts';
import { askedSnapshot } from '../lib/domain/report/snapshot.ts';
import { stepsOf } from '../lib/domain/report/steps.ts';
import { revertedBy } from '../lib/domain/reverted.ts';
import { scriptsFor } from '../lib/domain/scripts.ts';
import { adoptedKind } from '../lib/domain/service-check.ts';
import type { ReportInput, ReportResult } from '../lib/domain/states.ts';
import { readBaseline } from './aws/baseline.ts';
import { putReport, readCheckpoint, readConfiguration, readStoredPlan, reportUri } from './aws/documents.ts';
import { putDrift, readDrift } from './aws/drift.ts';
import { markRelease, recordRollback } from './aws/ledger.ts';
import { releaseLock } from './aws/lock.ts';
import { notify } from './aws/notify.ts';
import { readSnapshot } from './aws/rds.ts';
import { type NewEntry, readTimeline, record } from './aws/timeline.ts';

/** Under which Report's own entries lie on the timeline: `Report#0`, `Report#1`, … and last `Report#reported`. */
const state = 'Report';

export async function handler(input: ReportInput): Promise<ReportResult> {
  let failure: unknown;
  try {
    return await report(input);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    await giveBack(input.context, failure);
  }
}

async function report(input: ReportInput): Promise<ReportResult> {
  const { facts, told } = await gather(input);
  const uri = reportUri(input.context.rollbackId, 'report.json');
  const page = reportUri(input.context.rollbackId, 'report.html');
  const notices = await tell(input, notificationsFor(facts, page), told);
  const complete = { ...facts, notices };
  await writeFiles(complete);
  await remember(complete, input.unfinished ?? false);
  await tellPipelines(complete);
  await record(
    input.context,
    `${state}#reported`,
    [
      {
        kind: 'reported',
        message: `${input.outcome}: ${fullReason(facts)}`,
        data: { outcome: input.outcome, report: uri },
      },
    ],
    input.now,
  );
  return resultOf(complete, uri);
}

type Facts = Omit<ReportFacts, 'notices'>;

async function gather(input: ReportInput): Promise<{ facts: Facts; told: readonly TimelineEntry[] }> {
  const { context } = input;
  const [configuration, plan, checkpoint, timeline, baseline] = await Promise.all([
    readConfiguration(context),
    input.planKey === null ? null : readStoredPlan(input.planKey),
    input.checkpointKey === null ? null : summarize(input.checkpointKey),
    readTimeline(context.service, context.rollbackId),
    readBaseline(context.service),
  ]);
  const [snapshot, drift] = await Promise.all([
    lookAtSnapshot(plan, timeline),
    lookForDrift(input, { configuration, plan, checkpoint, timeline }),
  ]);
  const ours = ({ kind }: TimelineEntry): boolean =>
    kind.startsWith('notification.') || kind === 'reported' || kind === 'drift';
  const { now, outcome, reason, verdict, failure } = input;
  return {
    facts: {
      now,
      context,
      configuration,
      outcome,
      reason,
      plan,
      checkpoint,
      verdict,
      failure,
      ...(baseline && { baseline }),
      ...(snapshot && { snapshot }),
      ...drift,
      timeline: timeline.filter((entry) => !ours(entry)),
    },
    told: timeline.filter((entry) => entry.kind === 'notification.sent'),
  };
}

async function lookAtSnapshot(
  plan: Plan | null,
  timeline: readonly TimelineEntry[],
): Promise<ReportFacts['snapshot'] | undefined> {
  const action = askedSnapshot(plan, timeline);
  if (!action) return undefined;
  const { kind, source: id, snapshot } = action.forward;
  return { action, reading: await readSnapshot({ kind, id }, snapshot) };
}

/** Where nothing was begun nothing differs; where nobody can look, that is said. */
async function lookForDrift(
  { outcome }: ReportInput,
  { plan, checkpoint, ...facts }: Pick<Facts, 'configuration' | 'plan' | 'checkpoint' | 'timeline'>,
): Promise<Pick<Facts, 'drifts' | 'driftProblem'>> {
  const begun = stepsOf({ plan, timeline: facts.timeline }).some(({ result }) => result !== 'not started');
  if (!changed(outcome) || !plan || !checkpoint || !begun) return {};
  try {
    return { drifts: await readDrift({ ...facts, plan, checkpoint }) };
  } catch (error) {
    return { driftProblem: words(error) };
  }
}

/** AWS's own documents hold task environments: they go no further than here. */
async function summarize(key: string): Promise<CheckpointSummary> {
  const { documents: _documents, ...rest } = await readCheckpoint(key);
  return { ...rest, key };
}

/** A topic that cannot be reached must not keep the report from being written: it is noted in it. */
async function tell(
  input: ReportInput,
  notifications: readonly Notification[],
  told: readonly TimelineEntry[],
): Promise<Notice[]> {
  const notices: Notice[] = [];
  for (const [index, notification] of notifications.entries()) {
    const { audience, subject } = notification;
    if (!told.some((entry) => tellsThis(entry, audience, input))) {
      const problem = await attempt(notification);
      notices.push({ audience, sent: problem === undefined, message: problem ?? subject });
      await record(input.context, `${state}#${index}`, [entryFor(input, audience, subject, problem)], input.now);
    } else {
      notices.push({ audience, sent: true, message: subject });
    }
  }
  return notices;
}

async function attempt(notification: Notification): Promise<string | undefined> {
  try {
    await notify(notification);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function entryFor(
  { outcome, reason }: ReportInput,
  audience: Audience,
  subject: string,
  problem: string | undefined,
): NewEntry {
  const data = { audience, outcome, reason };
  return problem === undefined
    ? { kind: 'notification.sent', message: `Told ${audience}: ${subject}`, data }
    : { kind: 'notification.failed', message: `Could not tell ${audience}: ${problem}`, data };
}

/** One that was stopped and redriven ends twice, and people are told both times. */
function tellsThis({ data }: TimelineEntry, audience: Audience, { outcome, reason }: ReportInput): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  return data.audience === audience && data.outcome === outcome && data.reason === reason;
}

async function writeFiles(facts: ReportFacts): Promise<void> {
  const scripts = scriptsFor(facts.configuration, facts.plan);
  const files = reportFiles(facts, reportDocument(facts, scripts), scripts);
  await Promise.all(
    files.map(({ name, body, contentType }) => putReport(facts.context.rollbackId, name, body, contentType)),
  );
}

/** Only a verified rollback says anything about releases: its target served users well, what it replaced did not. */
async function remember({ context, outcome, plan, now, timeline }: ReportFacts, unfinished: boolean): Promise<void> {
  // Where somebody's deployment was followed, that is what was verified.
  const adopted = timeline.some(({ kind }) => kind === adoptedKind);
  if (outcome === 'verified' && plan?.target && !adopted) await markRelease(plan.target, 'good', context.startedAt);
  if (outcome === 'verified' && plan?.suspect) await markRelease(plan.suspect, 'bad', context.startedAt);
  // Of companions that were put back: one that stayed was neither tried nor replaced.
  const reverted = outcome === 'verified' ? (plan?.companions ?? []).filter(({ suspect }) => suspect) : [];
  for (const { target, suspect } of reverted) {
    if (target && !adopted) await markRelease(target, 'good', context.startedAt);
    if (suspect) await markRelease(suspect, 'bad', context.startedAt);
  }
  const { side, taskDefinition } = plan?.target ?? {};
  await recordRollback(context, {
    outcome,
    endedAt: now,
    unfinished,
    ...(side && taskDefinition && { goal: { side, taskDefinition } }),
    ...(plan && changed(outcome) && revertedBy(plan, timeline)),
  });
}

async function tellPipelines({ context, plan, drifts = [], now }: ReportFacts): Promise<void> {
  const begun = plan && driftNotice(drifts, { context, plan, now });
  if (!begun) return;
  const notice = await putDrift(begun);
  const entry = {
    kind: 'drift',
    message: describeNotice(notice),
    data: { pinned: notice.pinned.map((pin) => ({ ...pin })) },
  };
  await record(context, `${state}#drift`, [entry], now);
}

function resultOf(facts: ReportFacts, uri: string): ReportResult {
  const { context, outcome } = facts;
  const start = startWith(facts);
  return {
    succeeded: succeeded(outcome),
    outcome,
    output: {
      rollbackId: context.rollbackId,
      service: context.service,
      outcome,
      reason: fullReason(facts),
      status: statusOf(outcome),
      duration: isoDuration(elapsedSeconds(facts)),
      report: uri,
      reportMarkdown: reportUri(context.rollbackId, 'report.md'),
      ...(start !== undefined && { startWith: start }),
    },
  };
}

/** The lock goes back whatever happened before; where both fail, both are told. */
async function giveBack(context: RollbackContext, failure: unknown): Promise<void> {
  try {
    await releaseLock(context);
  } catch (error) {
    if (failure === undefined) throw error;
    throw new AggregateError(
      [failure, error],
      `Report failed (${words(failure)}), and so did giving the lock back (${words(error)}).`,
    );
  }
}

const words = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
