/** Rule actions as ModifyRule and ModifyListener accept, store and show them. */
import type { Action, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../service.ts';

const invalidAction = (message: string) => new AwsError('InvalidLoadBalancerAction', message);
const invalidValue = (message: string) => new AwsError('ValidationError', message);

export type AttributesOf = (targetGroupArn: string) => ReadonlyMap<string, string> | undefined;

/** Sessions stick to the group's targets. Such a group is refused beside others while group stickiness is off. */
export const isSticky = (attributes: ReadonlyMap<string, string> | undefined): boolean =>
  attributes?.get('stickiness.enabled') === 'true';

const finalTypes = ['forward', 'redirect', 'fixed-response'];

/**
 * The actions to store, secrets included.
 *
 * @param current what the rule has now, for `UseExistingClientSecret`
 * @param attributesOf of a target group; undefined where there is none
 * @throws AwsError `ValidationError`, `InvalidLoadBalancerAction`, `InvalidConfigurationRequest` or `TargetGroupNotFound`
 */
export function acceptActions(
  actions: readonly Action[],
  current: readonly Action[],
  attributesOf: AttributesOf,
): Action[] {
  if (actions.length === 0) throw invalidValue('At least one action must be specified');
  const ordered = [...actions].sort((a, b) => (a.Order ?? 50_000) - (b.Order ?? 50_000));
  const orders = actions.map(({ Order }) => Order);
  if (actions.length > 1 && (orders.includes(undefined) || new Set(orders).size < orders.length)) {
    throw invalidAction('With several actions, each needs an Order of its own');
  }
  ordered.forEach((action, at) => {
    if (finalTypes.includes(action.Type ?? '') !== (at === ordered.length - 1)) {
      throw invalidAction('The last action, and no other, must be one of forward, redirect and fixed-response');
    }
  });
  return ordered.map((action, at) => ({
    ...acceptAction(action, current, attributesOf),
    Order: action.Order ?? at + 1,
  }));
}

/** As Describe shows it: never with a client secret; with `TargetGroupArn` only where there is one target group. */
export function showAction(action: Action): Action {
  if (action.AuthenticateOidcConfig) {
    const { ClientSecret: _secret, UseExistingClientSecret: _use, ...shown } = action.AuthenticateOidcConfig;
    return { ...action, AuthenticateOidcConfig: shown };
  }
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  const [only] = groups;
  return groups.length === 1 && only?.TargetGroupArn ? { ...action, TargetGroupArn: only.TargetGroupArn } : action;
}

/** The target groups of the forward action, or none. */
export function forwardGroups(actions: readonly Action[]): readonly TargetGroupTuple[] {
  return actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroups ?? [];
}

function acceptAction(action: Action, current: readonly Action[], attributesOf: AttributesOf): Action {
  switch (action.Type) {
    case 'forward':
      return acceptForward(action, attributesOf);
    case 'authenticate-oidc':
      return acceptOidc(action, current);
    case 'redirect':
      if (!action.RedirectConfig?.StatusCode) throw invalidValue('A redirect action needs RedirectConfig.StatusCode');
      return action;
    case 'fixed-response':
      if (!action.FixedResponseConfig?.StatusCode) {
        throw invalidValue('A fixed-response action needs FixedResponseConfig.StatusCode');
      }
      return action;
    default:
      throw invalidAction(`The action type '${action.Type}' is not simulated`);
  }
}

function acceptForward(action: Action, attributesOf: AttributesOf): Action {
  const given = action.ForwardConfig?.TargetGroups;
  if (given && action.TargetGroupArn !== undefined) {
    if (given.length !== 1 || given[0]?.TargetGroupArn !== action.TargetGroupArn) {
      throw invalidAction(
        'With both TargetGroupArn and ForwardConfig, ForwardConfig must hold exactly that one target group',
      );
    }
  }
  const tuples = given ?? (action.TargetGroupArn === undefined ? [] : [{ TargetGroupArn: action.TargetGroupArn }]);
  if (tuples.length === 0) throw invalidValue('A forward action needs at least one target group');
  if (tuples.length > 5) throw invalidValue('A forward action has at most 5 target groups');
  if (new Set(tuples.map(({ TargetGroupArn }) => TargetGroupArn)).size < tuples.length) {
    throw invalidValue('A target group cannot be given twice in one forward action');
  }
  for (const { TargetGroupArn: arn, Weight: weight = 1 } of tuples) {
    if (!Number.isInteger(weight) || weight < 0 || weight > 999) {
      throw invalidValue(`The weight ${weight} is not valid: a weight is a whole number from 0 to 999`);
    }
    if (!arn || !attributesOf(arn)) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
  }
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  const duration = stickiness?.DurationSeconds;
  if (stickiness?.Enabled && duration === undefined) {
    throw invalidAction('TargetGroupStickinessConfig.DurationSeconds is required when stickiness is enabled');
  }
  if (duration !== undefined && (duration < 1 || duration > 604_800)) {
    throw invalidValue(`DurationSeconds must be between 1 and 604800, not ${duration}`);
  }
  const keeping = tuples.find(({ TargetGroupArn: arn = '' }) => isSticky(attributesOf(arn)));
  if (tuples.length > 1 && keeping && !stickiness?.Enabled) {
    throw new AwsError(
      'InvalidConfigurationRequest',
      `You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups: ${keeping.TargetGroupArn}`,
    );
  }
  return {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: tuples.map(({ TargetGroupArn, Weight }) => ({ TargetGroupArn, Weight: Weight ?? 1 })),
      TargetGroupStickinessConfig: {
        Enabled: stickiness?.Enabled ?? false,
        ...(duration === undefined ? {} : { DurationSeconds: duration }),
      },
    },
  };
}

function acceptOidc(action: Action, current: readonly Action[]): Action {
  const config = action.AuthenticateOidcConfig;
  const { Issuer, AuthorizationEndpoint, TokenEndpoint, UserInfoEndpoint, ClientId } = config ?? {};
  if (!config || !Issuer || !AuthorizationEndpoint || !TokenEndpoint || !UserInfoEndpoint || !ClientId) {
    throw invalidValue('AuthenticateOidcConfig needs Issuer, its three endpoints and ClientId');
  }
  const { ClientSecret: given, UseExistingClientSecret: useExisting, ...rest } = config;
  if (given !== undefined && useExisting) {
    throw invalidAction('ClientSecret must not be given when UseExistingClientSecret is true');
  }
  const stored = current.find(({ Type }) => Type === 'authenticate-oidc')?.AuthenticateOidcConfig?.ClientSecret;
  const secret = useExisting ? stored : given;
  if (secret === undefined) {
    throw invalidAction('The client secret must be given, unless UseExistingClientSecret is true and there is one');
  }
  return { Type: 'authenticate-oidc', AuthenticateOidcConfig: { ...rest, ClientSecret: secret } };
}
