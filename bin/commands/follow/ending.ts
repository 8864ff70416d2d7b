/** What came of an execution: outcome, numbers, what to do next, exit code, and the JSON document. Pure. */
import { isoDuration } from '../../../lib/domain/elapsed.ts';
import type { Check, Json, Plan, Verdict } from '../../../lib/domain/model.ts';
import { type ExecutionSummary, summaryOf } from '../../../simulator/scenario/expectations.ts';
import { exit } from '../command.ts';
import type { Followed } from './follow.ts';

export interface Ending {
  readonly rollbackId: string | null;
  readonly executionArn: string;
  readonly environment: string;
  readonly service: string;
  /** Step Functions' word: `SUCCEEDED`, `FAILED`, `ABORTED`, `TIMED_OUT`; `RUNNING` where the reader left. */
  readonly status: string;
  /** An outcome, `InvalidInput`, `stopped` or `timed-out`; null while it runs, or where it broke off without one. */
  readonly outcome: string | null;
  readonly reason: string;
  readonly strategy: string | null;
  /** Side to version. */
  readonly current: Readonly<Record<string, string>>;
  readonly target: string | null;
  /** ISO 8601 duration, from the start of the execution to its end. */
  readonly duration: string;
  readonly asksBecause: string | null;
  readonly planSha256: string | null;
  readonly checks: readonly Check[];
  readonly actions: readonly { readonly id: string; readonly type: string; readonly description: string }[];
  readonly verdict: Verdict | null;
  /** `s3://…/report.json` */
  readonly report: string | null;
  /** The input that would do for real what was planned. */
  readonly startWith: Json;
}

export function endingOf(
  followed: Pick<Followed, 'history' | 'plan' | 'planSha256'>,
  environment: string,
  nowMs: number,
): Ending {
  const { history, plan, planSha256 } = followed;
  const { ended, context } = history;
  const summary = ended && summaryOf(ended.execution);
  const said = saidBy(ended?.execution.output, ended?.execution.cause);
  const startedMs = Date.parse(ended?.execution.startedAt ?? context?.startedAt ?? '') || nowMs;
  return {
    rollbackId: context?.rollbackId ?? null,
    executionArn: history.arn,
    environment,
    service: context?.service ?? summary?.service ?? history.service,
    status: ended?.execution.status ?? 'RUNNING',
    outcome: outcomeOf(summary),
    reason: summary?.reason ?? '',
    strategy: plan?.strategy ?? null,
    current: currentOf(plan),
    target: plan?.target?.version ?? null,
    duration: isoDuration(((ended?.timeMs ?? nowMs) - startedMs) / 1_000),
    asksBecause: plan?.asksBecause ?? context?.asksBecause ?? null,
    planSha256: planSha256 ?? null,
    checks: plan?.checks ?? [],
    actions: (plan?.actions ?? []).map(({ id, type, description }) => ({ id, type, description })),
    verdict: history.verdict ?? null,
    report: typeof said.report === 'string' ? said.report : null,
    startWith: said.startWith ?? null,
  };
}

const currentOf = (plan: Plan | undefined): Record<string, string> =>
  Object.fromEntries((plan?.current ?? []).map(({ side, version }) => [side, version]));

function outcomeOf(summary: ExecutionSummary | undefined): string | null {
  if (!summary) return null;
  if (summary.status === 'ABORTED') return 'stopped';
  if (summary.status === 'TIMED_OUT') return 'timed-out';
  return summary.outcome ?? summary.error ?? null;
}

function saidBy(...candidates: readonly (Json | undefined)[]): { readonly [key: string]: Json } {
  for (const said of candidates) if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said;
  return {};
}

const codes: Readonly<Record<string, number>> = {
  verified: exit.good,
  ready: exit.good,
  'already-at-target': exit.good,
  observed: exit.finding,
  declined: exit.finding,
  blocked: exit.finding,
  duplicate: exit.finding,
  InvalidInput: exit.unusable,
};

/** Whoever left before the end knows nothing yet: a finding. Whatever has no outcome failed. */
export const exitCodeOf = ({ status, outcome }: Pick<Ending, 'status' | 'outcome'>): number =>
  status === 'RUNNING' ? exit.finding : (codes[outcome ?? ''] ?? exit.failed);
