/**
 * How a service stands now: its ECS services, the health of their targets, the weights of its rules.
 *
 * Calls: ecs:DescribeServices, elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners
 */
import type { ServiceConfiguration, Side } from '../../lib/domain/model.ts';
import type { SideStanding, Standing } from '../../lib/domain/standing.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { describeSide } from './ecs.ts';
import { readActionsIfAny, targetHealth } from './elbv2.ts';

export async function readStanding({ sides, companions, traffic }: ServiceConfiguration): Promise<Standing> {
  const [found, others, rules] = await Promise.all([
    Promise.all(sides.map(readSide)),
    companions && Promise.all(companions.map(readSide)),
    Promise.all(traffic.rules.map(async (rule) => weightsOf(rule, (await readActionsIfAny(rule)) ?? []))),
  ]);
  return {
    sides: found,
    ...(others && { companions: others }),
    rules: rules.filter((weights) => weights !== undefined),
  };
}

async function readSide(side: Side): Promise<SideStanding> {
  const [service, targets] = await Promise.all([
    describeSide(side),
    side.targetGroup ? targetHealth(side.targetGroup) : undefined,
  ]);
  return { side, ...(service && { service }), ...(targets && { targets }) };
}
