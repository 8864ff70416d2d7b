/** An execution's history, read event by event: what is told of it, and where it stands. Pure. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ActionType, Json, RollbackContext, Verdict } from '../../../lib/domain/model.ts';
import type {
  AcceptApprovalResult,
  AdmitResult,
  ApprovalAnswer,
  CheckResult,
  PlanResult,
  VerifyProgress,
  VerifyResult,
} from '../../../lib/domain/states.ts';
import type { Fact } from '../story/facts.ts';
import { type Ended, endedFact, parsed, type Said } from './ended.ts';

/** The state that an execution is in. */
export interface Standing {
  readonly state: string;
  readonly enteredMs: number;
  /** Of a Wait state. */
  readonly waitSeconds?: number;
}

/** Plan has answered: the plan itself lies in the bucket. */
export interface PlanMade {
  readonly kind: 'plan-made';
  readonly timeMs: number;
  readonly result: PlanResult;
}

export type Reading = Fact | PlanMade;

const applied: Readonly<Record<string, ActionType>> = {
  StartSnapshot: 'StartSnapshot',
  ShiftTraffic: 'ShiftTraffic',
  RevertService: 'RevertService',
  ScaleIn: 'ScaleIn',
};
const checking: ReadonlySet<string> = new Set(['CheckSnapshot', 'CheckTraffic', 'CheckService']);
/** States whose message is told under their own name. */
const telling: Readonly<Record<string, string>> = { Compensate: 'compensation', GiveBack: 'owed' };

export class HistoryReader {
  readonly arn: string;
  standing: Standing | undefined;
  context: RollbackContext | undefined;
  planned: PlanResult | undefined;
  verdict: Verdict | undefined;
  progress: VerifyProgress | undefined;
  /** Mitigation must have its first healthy verdict by then. */
  deadline: string | undefined;
  /** The action under way, by its id. */
  actionId: string | undefined;
  /** Absent while it runs; a redrive takes it back. */
  ended: Ended | undefined;
  #input: Json = {};
  #startedMs = 0;
  #parameters: { readonly Payload?: { readonly actionId?: string } } = {};

  constructor(arn: string) {
    this.arn = arn;
  }

  /** As its input names it, until Admit has answered. */
  get service(): string {
    const { service } = (this.#input ?? {}) as { service?: unknown };
    return this.context?.service ?? (typeof service === 'string' ? service : '');
  }

  read(event: HistoryEvent): Reading[] {
    const timeMs = event.timestamp?.getTime() ?? 0;
    if (event.stateEnteredEventDetails) return this.#entered(event, timeMs);
    switch (event.type) {
      case 'ExecutionStarted':
        this.#input = parsed(event.executionStartedEventDetails?.input) ?? {};
        this.#startedMs = timeMs;
        return [{ kind: 'started', timeMs, arn: this.arn, input: this.#input }];
      case 'ExecutionRedriven':
        this.ended = undefined;
        return [];
      case 'TaskScheduled':
        this.#parameters = parsed(event.taskScheduledEventDetails?.parameters) ?? {};
        return [];
      case 'TaskSucceeded':
        return this.#answered(parsed(event.taskSucceededEventDetails?.output), timeMs);
      case 'TaskFailed':
        return this.#failed(event.taskFailedEventDetails ?? {}, timeMs);
      case 'TaskTimedOut':
        return this.#failed(event.taskTimedOutEventDetails ?? {}, timeMs);
      case 'ExecutionSucceeded':
        return this.#end('SUCCEEDED', timeMs, { output: event.executionSucceededEventDetails?.output });
      case 'ExecutionFailed':
        return this.#end('FAILED', timeMs, event.executionFailedEventDetails ?? {});
      case 'ExecutionAborted':
        return this.#end('ABORTED', timeMs, event.executionAbortedEventDetails ?? {});
      case 'ExecutionTimedOut':
        return this.#end('TIMED_OUT', timeMs, event.executionTimedOutEventDetails ?? {});
      default:
        return [];
    }
  }

  #entered(event: HistoryEvent, timeMs: number): Reading[] {
    const state = event.stateEnteredEventDetails?.name ?? '';
    this.standing = { state, enteredMs: timeMs };
    if (state !== 'RequestApproval' || !this.context) return [];
    const seconds = this.planned?.approvalSeconds ?? 0;
    return [
      {
        kind: 'asked',
        timeMs,
        service: this.context.service,
        because: this.context.asksBecause ?? '',
        until: new Date(timeMs + seconds * 1_000).toISOString(),
      },
    ];
  }

  /** What a state's Lambda answered. */
  #answered(output: { Payload?: unknown } | undefined, timeMs: number): Reading[] {
    const state = this.standing?.state ?? '';
    const payload = output?.Payload as Record<string, unknown> | undefined | null;
    if (state === 'RequestApproval' && output) return [{ kind: 'answered', timeMs, answer: output as ApprovalAnswer }];
    // Step Functions cuts off what is too large: the next states tell the rest.
    if (!payload) return [];
    const message = typeof payload.message === 'string' ? payload.message : '';
    if (state === 'Admit') return this.#admitted(payload as unknown as AdmitResult, timeMs);
    if (state === 'Plan') {
      this.planned = payload as unknown as PlanResult;
      this.deadline = this.planned.deadline;
      return [{ kind: 'plan-made', timeMs, result: this.planned }];
    }
    if (state === 'AcceptApproval') this.#accepted(payload as unknown as AcceptApprovalResult);
    if (state === 'VerifyHealth') return this.#verified(payload as unknown as VerifyResult, timeMs);
    const type = applied[state];
    if (type) return this.#applied(type, message, payload, timeMs);
    if (checking.has(state)) return [this.#check((payload as unknown as CheckResult).status, message, timeMs)];
    const told = telling[state];
    const words = message || (typeof payload.reason === 'string' ? payload.reason : '');
    return told && words ? [this.#entry(told, words, timeMs)] : [];
  }

  #admitted({ context, reasons }: AdmitResult, timeMs: number): Reading[] {
    this.context = context;
    const { rollbackId } = context;
    return [this.#entry('admitted', reasons.join(' '), timeMs, { rollbackId, reasons: [...reasons] })];
  }

  #accepted({ context, deadline }: AcceptApprovalResult): void {
    this.context = context;
    this.deadline = deadline;
  }

  #applied(type: ActionType, message: string, payload: Record<string, unknown>, timeMs: number): Reading[] {
    this.actionId = this.#parameters.Payload?.actionId;
    const done = this.#entry('action.applied', message, timeMs, { actionId: this.actionId ?? '', type });
    return payload.status === 'blocked' ? [done, this.#check('failed', message, timeMs)] : [done];
  }

  #check(status: CheckResult['status'], message: string, timeMs: number): Fact {
    return this.#entry(`check.${status}`, message, timeMs, { actionId: this.actionId ?? '' });
  }

  #verified({ status, verdict, progress, message }: VerifyResult, timeMs: number): Reading[] {
    this.verdict = verdict;
    this.progress = progress;
    const kind = status === 'waiting' ? `verdict.${verdict.result}` : `verify.${status}`;
    const judged = { ...this.#entry(kind, message, timeMs, { bakeUntil: progress.bakeUntil }), verdict };
    return progress.snapshot ? [judged, { kind: 'snapshot', timeMs, progress: progress.snapshot }] : [judged];
  }

  #failed(
    { error = '', cause = '' }: { error?: string | undefined; cause?: string | undefined },
    timeMs: number,
  ): Reading[] {
    const state = this.standing?.state ?? '';
    if (state === 'RequestApproval' && error === 'States.Timeout')
      return [{ kind: 'answered', timeMs, answer: { decision: 'expired' } }];
    // Bad input ends the execution at once, and its end says why.
    if (error === 'InvalidInput') return [];
    return [{ kind: 'trouble', timeMs, state, error, cause }];
  }

  #end(status: string, timeMs: number, said: Said): Reading[] {
    const run = { arn: this.arn, input: this.#input, startedMs: this.#startedMs };
    this.ended = endedFact(run, { status, timeMs, ...said });
    return [this.ended];
  }

  #entry(kind: string, message: string, timeMs: number, data: Json = null): Extract<Fact, { kind: 'entry' }> {
    const time = new Date(timeMs).toISOString();
    return { kind: 'entry', timeMs, entry: { time, service: this.context?.service ?? '', kind, message, data } };
  }
}
