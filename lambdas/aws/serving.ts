/**
 * Where a side's primary tasks are registered, how healthy they are there, and how much of the production traffic that
 * place gets. Where ECS or CodeDeploy moves the traffic, each deployment changes it.
 *
 * Calls: ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners
 */
import { primaryDeployment, type ServiceView } from '../../lib/domain/ecs.ts';
import type { Side } from '../../lib/domain/model.ts';
import { type TargetHealth, weightsOf } from '../../lib/domain/traffic.ts';
import { describeServiceRevisions } from './ecs.ts';
import { readActions, targetHealth } from './elbv2.ts';

export interface Serving {
  /** Undefined for services without a target group. */
  readonly targets: TargetHealth | undefined;
  /** Present where ECS moves the traffic. */
  readonly productionPercent?: number;
}

export async function readServing(side: Side, service: ServiceView | undefined): Promise<Serving> {
  const place = await readPlace(side, service);
  const [targets, productionPercent] = await Promise.all([
    place.targetGroup ? targetHealth(place.targetGroup) : undefined,
    place.targetGroup && place.productionRule ? shareOf(place.targetGroup, place.productionRule) : undefined,
  ]);
  return { targets, ...(productionPercent !== undefined && { productionPercent }) };
}

/** The target group that the side's primary tasks are registered in now; undefined for services without one. */
export async function servingGroup(side: Side, service: ServiceView | undefined): Promise<string | undefined> {
  return (await readPlace(side, service)).targetGroup;
}

interface Place {
  readonly targetGroup: string | undefined;
  readonly productionRule?: string;
}

async function readPlace(side: Side, service: ServiceView | undefined): Promise<Place> {
  const { targetGroup } = side;
  const primary = service && primaryDeployment(service);
  if (!service || !primary || targetGroup === undefined) return { targetGroup };
  if (service.controller !== 'ECS') return { targetGroup: primary.targetGroups?.[0] ?? targetGroup };
  if (service.strategy === 'ROLLING') return { targetGroup };
  const revisions = await describeServiceRevisions(service.currentRevisions);
  // The same definition deployed again has a revision of its own.
  const [revision] = revisions
    .filter(({ taskDefinition }) => taskDefinition === primary.taskDefinition)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const { targetGroup: own = targetGroup, productionRule } = revision ?? {};
  return { targetGroup: own, ...(productionRule && { productionRule }) };
}

async function shareOf(group: string, rule: string): Promise<number> {
  const { weights = {} } = weightsOf(rule, await readActions(rule)) ?? {};
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? 0 : (100 * (weights[group] ?? 0)) / total;
}
