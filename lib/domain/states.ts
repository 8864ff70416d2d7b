/**
 * What passes between the state machine and its Lambdas. The state machine keeps `context`, the action list and the
 * index; documents stay in the bucket, because a state carries 256 KiB at most and task environments must not enter
 * an execution's history.
 *
 * `now` is the time the state was entered (`$states.context.State.EnteredTime`), or the execution redriven, if that was
 * later: a redriven state is not entered anew. It is the same on every retry. `deadline` leaves a redriven execution as
 * long from then on as the plan gave it.
 */
import type { ActionType, Json, Outcome, RollbackContext, Verdict } from './model.ts';
import type { SnapshotProgress } from './snapshot.ts';

export interface AdmitInput {
  readonly executionArn: string;
  readonly startedAt: string;
  readonly now: string;
  readonly input: Json;
}

/** `end` goes straight to Report with that outcome. */
export type AdmitResult =
  | { readonly decision: 'execute'; readonly context: RollbackContext; readonly reasons: readonly string[] }
  | {
      readonly decision: 'end';
      readonly outcome: Outcome;
      readonly context: RollbackContext;
      readonly reasons: readonly string[];
    };

export interface PlanInput {
  readonly now: string;
  readonly context: RollbackContext;
}

export interface ActionSummary {
  readonly id: string;
  readonly type: ActionType;
  readonly description: string;
  readonly afterVerification: boolean;
  /** The rollback goes on where its states fail. */
  readonly optional: boolean;
}

/** `end` goes straight to Report with that outcome; `execute` and `approve` have at least one action. */
export interface PlanResult {
  readonly decision: 'execute' | 'approve' | 'end';
  readonly outcome: Outcome | null;
  readonly reason: string;
  /** Without a fencing token where a person is asked: the lock was given back. */
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  readonly checkpointKey: string;
  readonly actions: readonly ActionSummary[];
  /** Mitigation must have its first healthy verdict by then; counted anew from an approval. */
  readonly deadline: string;
  /** What the deadline was made of: a redriven execution has as long again. */
  readonly timeoutSeconds: number;
  /** How long a person has to answer, seconds. */
  readonly approvalSeconds: number;
}

export interface RequestApprovalInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  /** Whoever has it can answer: it is encrypted at once, and neither logged nor returned. */
  readonly taskToken: string;
}

/** What a person answered, or that nobody did. */
export type ApprovalAnswer =
  | {
      readonly decision: 'approve' | 'decline';
      /** An IAM principal's ARN where `proven`, else who the answer says it is from. */
      readonly by: string;
      /** AWS itself said who signed the answer. */
      readonly proven: boolean;
      /** Present where it was given at the terminal of the command that carries the rollback out. */
      readonly at?: 'terminal';
      readonly reason: string;
      readonly answeredAt: string;
      /** Of the plan that was answered. */
      readonly planSha256: string;
    }
  | { readonly decision: 'expired' };

export interface AcceptApprovalInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  readonly answer: ApprovalAnswer;
}

/** `execute` holds the lock: its context has the fencing token. */
export interface AcceptApprovalResult {
  readonly decision: 'execute' | 'end';
  readonly outcome: Outcome | null;
  readonly reason: string;
  readonly context: RollbackContext;
  readonly deadline: string;
}

/** `blocked`: refused, required, and nothing was changed yet. */
export interface StartSnapshotResult {
  readonly status: 'done' | 'waiting' | 'blocked';
  readonly waitSeconds: number;
  readonly message: string;
}

/** `deadline` is the mitigation's, moved by the time that was waited here once that is over. */
export interface CheckSnapshotResult extends CheckResult {
  readonly deadline: string;
}

export interface CompensateInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  readonly checkpointKey: string;
  /** Actions before this one in the plan were done; this one was begun. */
  readonly index: number;
  /** `verified` where what failed was to follow the verification. */
  readonly outcome: 'verified' | 'halted' | 'needs-attention';
  /** Why the rollback stopped. */
  readonly reason: string;
  /** The error that a state gave up with, if one did: some forbid every further change. */
  readonly failure: ReportInput['failure'];
  /** When the first pass began. */
  readonly since: string;
}

/** `outcome` and `reason` are how the rollback ends: what stopped it, and the state it was left in. */
export interface CompensateResult {
  readonly status: 'waiting' | 'done';
  readonly waitSeconds: number;
  readonly outcome: CompensateInput['outcome'];
  readonly reason: string;
}

export interface GiveBackInput {
  readonly now: string;
  readonly context: RollbackContext;
}

/** `message` is empty where nothing is owed. */
export interface GiveBackResult {
  readonly message: string;
}

/** From the state machine that takes up what the rollback's own could not end. */
export interface ReapInput {
  readonly now: string;
  /** Of the rollback that ended without its own last states. */
  readonly executionArn: string;
  /** The execution that takes it up. */
  readonly reapedBy: string;
}

/** Where `found`, `ending` is what Report is told, but for `now`. */
export interface ReapResult {
  readonly found: boolean;
  readonly reason: string;
  readonly ending: Omit<ReportInput, 'now'> | null;
}

/** Input of every action's apply and check state. */
export interface ActionInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  readonly actionId: string;
  readonly deadline: string;
  /** When the action's apply state was entered; null in that state itself. */
  readonly appliedAt: string | null;
}

export interface ApplyResult {
  /** False when the account was already there. */
  readonly changed: boolean;
  /** How long to wait before the first check, 1 at least. */
  readonly waitSeconds: number;
  readonly message: string;
}

export interface RevertResult extends ApplyResult {
  /** This alone does not bring the target: the step after it is decided once what is under way is over. */
  readonly follows: boolean;
}

export interface CheckServiceInput extends ActionInput {
  /** As RevertService said. */
  readonly follows: boolean;
}

/** `apply`: the way is free for RevertService's next step. */
export interface CheckServiceResult extends Omit<CheckResult, 'status'> {
  readonly status: CheckResult['status'] | 'apply';
}

export interface CheckResult {
  readonly status: 'done' | 'waiting' | 'failed';
  /** How long to wait before the next check, 1 at least. */
  readonly waitSeconds: number;
  readonly message: string;
}

export interface VerifyInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly planKey: string;
  readonly planSha256: string;
  readonly deadline: string;
  /** When the last action's check was done: only whole periods after it count. */
  readonly mitigatedAt: string;
  /** The previous pass's `progress`; null on the first pass. */
  readonly progress: VerifyProgress | null;
}

/** What one pass of VerifyHealth hands to the next. */
export interface VerifyProgress {
  readonly phase: 'mitigation' | 'bake';
  readonly firstHealthyAt: string | null;
  readonly bakeUntil: string | null;
  readonly passes: number;
  readonly consecutiveUnhealthy: number;
  readonly inconclusivePasses: number;
  /** Absent where the plan takes none. */
  readonly snapshot?: SnapshotProgress;
}

export interface VerifyResult {
  readonly status: 'waiting' | 'verified' | 'needs-attention';
  readonly waitSeconds: number;
  readonly progress: VerifyProgress;
  readonly verdict: Verdict;
  readonly message: string;
}

export interface ReportInput {
  readonly now: string;
  readonly context: RollbackContext;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly planKey: string | null;
  readonly checkpointKey: string | null;
  readonly verdict: Verdict | null;
  /** The error that a state gave up with, if one did. */
  readonly failure: { readonly state: string; readonly error: string; readonly cause: string } | null;
  /** True where it was stopped, timed out or broke off before it had an outcome of its own. */
  readonly unfinished?: boolean;
}

/** The execution's output, and the cause of a failed one. */
export interface ReportResult {
  readonly succeeded: boolean;
  readonly outcome: Outcome;
  readonly output: {
    readonly rollbackId: string;
    readonly service: string;
    readonly outcome: Outcome;
    readonly reason: string;
    readonly status: 'ready' | 'executed' | 'verified';
    readonly duration: string;
    /** `s3://bucket/reports/<rollbackId>/report.json` */
    readonly report: string;
    readonly reportMarkdown: string;
    /** Present with `ready`: what to start to do it for real. */
    readonly startWith?: Json;
  };
}
