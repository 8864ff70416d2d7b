/** How many tasks ECS may replace at a time, and how often it therefore starts tasks one after the other. */
import type { ServiceView } from './ecs.ts';

/**
 * Waves of a rolling deployment, 1 at least. ECS rounds the minimum up and the maximum down; tasks that drain count for
 * neither.
 */
export function wavesOf(service: Pick<ServiceView, 'controller' | 'strategy' | 'desiredCount' | 'percent'>): number {
  const { controller, strategy, desiredCount, percent } = service;
  // Elsewhere all new tasks start at once, beside the old ones.
  if (controller !== 'ECS' || strategy !== 'ROLLING') return 1;
  const atLeast = Math.ceil((desiredCount * percent.minimumHealthy) / 100);
  const atMost = Math.floor((desiredCount * percent.maximum) / 100);
  // Bounds that allow no task to be replaced stop every deployment, however long one waits.
  return Math.max(1, Math.ceil(desiredCount / Math.max(1, atMost - atLeast)));
}
