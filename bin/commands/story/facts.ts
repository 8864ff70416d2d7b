/** What is told, by the demo and by the command: each read from the account, never from anybody's wishes. */
import type { Json, Plan, Verdict } from '../../../lib/domain/model.ts';
import type { SnapshotProgress } from '../../../lib/domain/snapshot.ts';
import type { ApprovalAnswer } from '../../../lib/domain/states.ts';
import type { ExecutionDocument, TimelineDocument } from '../../../simulator/scenario/document.ts';

interface At {
  /** Milliseconds since the epoch, virtual. */
  readonly timeMs: number;
}

export interface Deployed extends At {
  readonly kind: 'deployed';
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly alarms: number;
  readonly rules: number;
  readonly functions: number;
  readonly stateMachines: number;
}

/** What an ECS service runs; the first look, and every deployment after it. */
export interface ServiceFact extends At {
  readonly kind: 'running' | 'deployment' | 'rolled-out';
  readonly service: string;
  /** `family:revision` */
  readonly taskDefinition: string;
  readonly before?: string;
  readonly images: readonly string[];
  readonly desiredCount: number;
  readonly runningCount: number;
}

export interface WeightsFact extends At {
  readonly kind: 'weights';
  /** ARN of the rule, or of the listener for its default action. */
  readonly rule: string;
  /** Target group name to weight. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

export interface TrafficMinute extends At {
  readonly kind: 'minute';
  /** When the minute began. Its numbers are known some time after its end. */
  readonly minuteMs: number;
  /** Requests and server errors in the minute, over all load balancers; null without data. */
  readonly requests: number | null;
  readonly errors: number | null;
  readonly p95Ms: number | null;
}

export interface AlarmFact extends At {
  readonly kind: 'alarm';
  readonly name: string;
  readonly state: string;
  readonly previous: string;
  readonly reason: string;
}

export interface ExecutionStarted extends At {
  readonly kind: 'started';
  readonly arn: string;
  readonly input: Json;
}

export interface Planned extends At {
  readonly kind: 'planned';
  readonly plan: Plan;
}

export interface TimelineFact extends At {
  readonly kind: 'entry';
  readonly entry: TimelineDocument;
  /** With entries of the kind `verdict.…`: the numbers, from the execution's history. */
  readonly verdict?: Verdict;
}

/** A person is asked, and the rollback waits. */
export interface Asked extends At {
  readonly kind: 'asked';
  readonly service: string;
  readonly because: string;
  readonly until: string;
  /** Who was told; absent where that is not known. */
  readonly whom?: string;
  /** What no answer means; absent where that is not known. */
  readonly silence?: 'approve' | 'decline';
}

/** The question is closed: by an answer, or because nobody gave one. */
export interface Answered extends At {
  readonly kind: 'answered';
  readonly answer: ApprovalAnswer;
}

/** What VerifyHealth saw of the snapshot in one of its passes. */
export interface SnapshotFact extends At {
  readonly kind: 'snapshot';
  readonly progress: SnapshotProgress;
}

/** A state failed; it is tried again, or the rollback gives up. */
export interface Trouble extends At {
  readonly kind: 'trouble';
  readonly state: string;
  readonly error: string;
  readonly cause: string;
}

export interface ExecutionEnded extends At {
  readonly kind: 'ended';
  readonly execution: ExecutionDocument;
}

export type Fact =
  | Deployed
  | ServiceFact
  | WeightsFact
  | TrafficMinute
  | AlarmFact
  | ExecutionStarted
  | Planned
  | TimelineFact
  | Asked
  | Answered
  | SnapshotFact
  | Trouble
  | ExecutionEnded;

/** What Backstep's timeline entries carry, as far as the story reads it. */
export interface EntryData {
  readonly rollbackId?: string;
  readonly reasons?: readonly string[];
  readonly actionId?: string;
  readonly type?: string;
  readonly bakeUntil?: string | null;
}
