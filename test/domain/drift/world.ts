import type { SideState } from '../../../lib/domain/model.ts';
import { at, taskDefinition } from '../worlds.ts';

export * from '../worlds.ts';

export const sideState = (side: string, revision: number): SideState => ({
  side,
  taskDefinition: taskDefinition(revision),
  version: `v${revision}`,
  deploymentStartedAt: at('02:58:00'),
  desiredCount: 4,
  runningCount: 4,
  healthyTargets: 4,
  controller: 'ECS',
  rolloutState: 'COMPLETED',
});
