/** Moves production or test traffic between two target groups, as ECS and CodeDeploy do where they own the weights. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedAccount } from '../../account.ts';
import { forwardGroups } from '../elbv2/actions.ts';

/**
 * @param route ARN of a listener rule, or of a listener whose default action it is
 * @param percent of the traffic that goes to `to`, 0..100; the rest stays with `from`
 */
export function moveTraffic(account: SimulatedAccount, route: string, from: string, to: string, percent: number): void {
  const { elbv2 } = account;
  const isListener = elbv2.listeners.has(route);
  const current = isListener ? elbv2.listener(route).defaultActions : elbv2.rule(route).actions;
  const actions = withWeights(current, from, to, percent);
  if (isListener) elbv2.modifyListener(route, actions);
  else elbv2.modifyRule(route, { actions });
}

/** Percent of the route's traffic that the group gets, 0..100. */
export function trafficShare(account: SimulatedAccount, route: string, group: string): number {
  const { elbv2 } = account;
  const actions = elbv2.listeners.has(route) ? elbv2.listener(route).defaultActions : elbv2.rule(route).actions;
  const tuples = forwardGroups(actions);
  const total = tuples.reduce((sum, { Weight }) => sum + (Weight ?? 1), 0);
  const own = tuples.find(({ TargetGroupArn }) => TargetGroupArn === group);
  return own && total > 0 ? ((own.Weight ?? 1) / total) * 100 : 0;
}

/** The actions with the forward action's weights set; a login stays as it is, and so does stickiness. */
function withWeights(actions: readonly Action[], from: string, to: string, percent: number): Action[] {
  // Weights are whole numbers up to 999: a tenth of a percent is one of a thousand.
  const [whole, part] = Number.isInteger(percent) ? [100, percent] : [1000, Math.round(percent * 10)];
  const weights = [
    { TargetGroupArn: from, Weight: whole - part },
    { TargetGroupArn: to, Weight: part },
  ];
  return actions.map((action) => {
    if (action.Type === 'forward') {
      const { TargetGroupArn: _single, ...rest } = action;
      return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups: weights } };
    }
    if (!action.AuthenticateOidcConfig) return action;
    const { ClientSecret: _kept, ...oidc } = action.AuthenticateOidcConfig;
    return { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } };
  });
}
