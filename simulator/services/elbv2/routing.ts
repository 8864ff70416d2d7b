/** Where a request goes, as pure functions. */
import type { Action, RuleCondition, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target, TargetGroup } from './model.ts';

export interface RoutedRequest {
  readonly host: string;
  readonly path: string;
  readonly method: string;
}

/** Target group ARN to its share of requests, 0..1, adding up to 1; empty when all weights are zero. */
export function weightShares(tuples: readonly TargetGroupTuple[]): Map<string, number> {
  const total = tuples.reduce((sum, { Weight }) => sum + (Weight ?? 1), 0);
  if (total === 0) return new Map();
  return new Map(tuples.map(({ TargetGroupArn, Weight }) => [TargetGroupArn ?? '', (Weight ?? 1) / total]));
}

/** Those that get requests: the healthy ones, or, if none is, all that are registered (fail open). */
export function routableTargets(group: TargetGroup): { targets: readonly Target[]; failOpen: boolean } {
  const registered = [...group.targets.values()].filter(({ state }) => state !== 'draining');
  const healthy = registered.filter(({ state }) => state === 'healthy');
  return healthy.length > 0
    ? { targets: healthy, failOpen: false }
    : { targets: registered, failOpen: registered.length > 0 };
}

export function matches(conditions: readonly RuleCondition[], request: RoutedRequest): boolean {
  return conditions.every((condition) => {
    switch (condition.Field) {
      case 'host-header':
        return patterns(condition, condition.HostHeaderConfig?.Values).some((pattern) =>
          like(pattern.toLowerCase(), request.host.toLowerCase()),
        );
      case 'path-pattern':
        return patterns(condition, condition.PathPatternConfig?.Values).some((pattern) =>
          like(pattern, request.path.split('?')[0] ?? ''),
        );
      case 'http-request-method':
        return condition.HttpRequestMethodConfig?.Values?.includes(request.method) ?? false;
      default:
        throw new Error(`rule conditions on ${condition.Field} are not simulated`);
    }
  });
}

/** The action that decides: the first one that authenticates, or else the final one. */
export const finalAction = (actions: readonly Action[]): Action | undefined => actions.at(-1);

const patterns = (condition: RuleCondition, values: readonly string[] | undefined): readonly string[] =>
  values ?? condition.Values ?? [];

/** `*` stands for any text, `?` for one character. */
export function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
