/**
 * Services whose traffic ECS's own strategies or CodeDeploy move: how their deployments stand, and how one under way is ended.
 *
 * Calls: ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions, ecs:StopServiceDeployment,
 * ecs:ContinueServiceDeployment, codedeploy:ListDeployments, codedeploy:BatchGetDeployments, codedeploy:StopDeployment,
 * elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners
 */
import { type Standing, unitsStanding } from '../../lib/domain/standing.ts';
import type { End, Moved } from '../../lib/domain/undo.ts';
import { isMoved } from '../../lib/domain/undo-service.ts';
import { stopWithRollback } from './codedeploy.ts';
import { readRollout, rollBackAtHook, stopServiceDeployment } from './rollouts.ts';
import { readServing } from './serving.ts';

/** By name of the side or companion; of rolling deployments nothing is asked. */
export async function readMoved(standing: Standing): Promise<Record<string, Moved>> {
  const found = unitsStanding(standing).map(async ({ side, service }): Promise<[string, Moved][]> => {
    if (!service || !isMoved(service)) return [];
    const [rollout, { targets, productionPercent }] = await Promise.all([
      readRollout(side, service),
      readServing(side, service),
    ]);
    const facts = {
      ...(rollout && { rollout }),
      ...(targets && { targets }),
      ...(productionPercent !== undefined && { productionPercent }),
    };
    return [[side.name, facts]];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** What was over before is looked at anew by the next pass. */
export function endDeployment(end: End): Promise<boolean> {
  switch (end.do) {
    case 'stop-service-deployment':
      return stopServiceDeployment(end.id);
    case 'continue-hook-rollback':
      return rollBackAtHook(end.id, end.hookId);
    case 'codedeploy-stop':
      return stopWithRollback(end.id);
  }
}
