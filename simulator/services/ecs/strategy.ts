/** What a blue/green, linear or canary deployment goes through, as data. */
import type { DeploymentLifecycleHookStage, ServiceDeploymentLifecycleStage } from '@aws-sdk/client-ecs';
import type { DeploymentStrategyRecord } from './model.ts';

export type Stage = DeploymentLifecycleHookStage | ServiceDeploymentLifecycleStage;
export type ShownStage = ServiceDeploymentLifecycleStage;

export interface StageStep {
  readonly stage: Stage;
  /** Percent of production traffic on the new revision when the stage is over. */
  readonly productionPercent?: number;
  /** Milliseconds that the stage holds at that share. */
  readonly holdMs?: number;
}

const minuteMs = 60_000;

/** Stages in order, without RECONCILE_SERVICE, which only a deployment that meets several revisions has. */
export function stagesOf(strategy: DeploymentStrategyRecord): StageStep[] {
  return [
    { stage: 'PRE_SCALE_UP' },
    { stage: 'SCALE_UP' },
    { stage: 'POST_SCALE_UP' },
    { stage: 'TEST_TRAFFIC_SHIFT' },
    { stage: 'POST_TEST_TRAFFIC_SHIFT' },
    ...shifts(strategy).flatMap(({ percent, holdMs }): StageStep[] => [
      { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' },
      { stage: 'PRODUCTION_TRAFFIC_SHIFT', productionPercent: percent, holdMs },
    ]),
    { stage: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
    { stage: 'BAKE_TIME', holdMs: (strategy.bakeMinutes ?? 0) * minuteMs },
    { stage: 'CLEAN_UP' },
  ];
}

/** Every step but the last holds for its own bake; the last one is followed by BAKE_TIME. */
function shifts({ name, linear, canary }: DeploymentStrategyRecord): { percent: number; holdMs: number }[] {
  if (name === 'CANARY') {
    return [
      { percent: canary.percent, holdMs: canary.bakeMinutes * minuteMs },
      { percent: 100, holdMs: 0 },
    ].slice(canary.percent >= 100 ? 1 : 0);
  }
  if (name !== 'LINEAR') return [{ percent: 100, holdMs: 0 }];
  const count = Math.ceil(100 / linear.stepPercent);
  return Array.from({ length: count }, (_, at) => {
    const percent = Math.min(100, linear.stepPercent * (at + 1));
    return { percent, holdMs: percent < 100 ? linear.stepBakeMinutes * minuteMs : 0 };
  });
}

/** DescribeServiceDeployments has no word for the stage before the shift; it is shown as part of it. */
export const shownStage = (stage: Stage): ShownStage =>
  stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? 'PRODUCTION_TRAFFIC_SHIFT' : stage;
