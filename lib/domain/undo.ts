/** What the undoing of one action is judged by, and what may come of it. */
import type { Checkpoint, Plan, RevertServiceAction, RuleWeights, ShiftTrafficAction, TimelineEntry } from './model.ts';
import type { Rollout } from './reversal/rollout.ts';
import type { Change } from './reversal/step.ts';
import type { Standing } from './standing.ts';
import type { CompensateInput } from './states.ts';
import type { TargetHealth } from './traffic.ts';

export interface CompensationFacts {
  readonly now: string;
  /** When the first pass began. */
  readonly since: string;
  /** How and why the rollback stopped. */
  readonly stopped: Pick<CompensateInput, 'outcome' | 'reason'>;
  readonly plan: Plan;
  readonly checkpoint: Pick<Checkpoint, 'sides' | 'rules'> | null;
  /** Of the action that was begun; all before it were done. */
  readonly index: number;
  readonly standing: Standing;
  /** Of services whose traffic ECS or CodeDeploy moves, by name of the side or companion. */
  readonly moved?: Readonly<Record<string, Moved>>;
  /** Of this rollback. */
  readonly timeline: readonly TimelineEntry[];
  /** Why nothing may be changed any more; absent while it may. */
  readonly forbidden?: string;
}

/** A service whose deployments ECS's own strategies or CodeDeploy carry out. */
export interface Moved {
  /** The deployment under way; absent where there is none. */
  readonly rollout?: Rollout;
  /** Of the target group that the primary tasks are registered in, which holds no others. */
  readonly targets?: TargetHealth;
  /** Percent of the production traffic that they get, where ECS moves it. */
  readonly productionPercent?: number;
}

export type Undo =
  | { readonly kind: 'weights'; readonly action: ShiftTrafficAction; readonly to: readonly RuleWeights[] }
  | { readonly kind: 'service'; readonly action: RevertServiceAction; readonly taskDefinition: string }
  /** Ends the rollback's own deployment, whose own way back leads there. */
  | {
      readonly kind: 'deployment';
      readonly action: RevertServiceAction;
      readonly taskDefinition: string;
      readonly end: End;
    };

/** How a deployment under way is ended. */
export type End = Extract<
  Change,
  { readonly do: 'stop-service-deployment' | 'codedeploy-stop' | 'continue-hook-rollback' }
>;

/** What may be said of one action: it is undone now, being undone, or left as it is, with the reason. */
export type Judgement =
  | { readonly kind: 'undo'; readonly undo: Undo; readonly waitSeconds: number; readonly message: string }
  | { readonly kind: 'wait'; readonly waitSeconds: number; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'left'; readonly message: string };

/** How long undoing may take: as long as tasks take to start, and some more. */
export const undoSeconds = 900;

/** Written before the change, with the action's id as `undoes`: it tells our own undoing from that of others. */
export const undoBegun = 'undo.begun';

/** Whether this rollback has begun to undo the action. */
export const wasUndone = (timeline: readonly TimelineEntry[], action: { readonly id: string }): boolean =>
  timeline.some(({ kind, data }) => kind === undoBegun && member(data, 'undoes') === action.id);

/** What its check said of the action when it failed; undefined where it did not. */
export const failedCheck = (timeline: readonly TimelineEntry[], action: { readonly id: string }): string | undefined =>
  timeline.findLast(({ kind, data }) => kind === 'check.failed' && member(data, 'actionId') === action.id)?.message;

function member(data: TimelineEntry['data'], name: string): unknown {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data[name] : undefined;
}
