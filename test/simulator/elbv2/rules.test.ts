import {
  type Action,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { setBehaviour, setWeights } from '../../../simulator/world/events.ts';
import type { AccountSpec } from '../../../simulator/world/spec.ts';
import { blue, checkout, green, host, listener, loadBalancer, openShop, pass, rule, twoSides } from '../world/shop.ts';

const oidc = {
  issuer: 'https://id.example.com',
  authorizationEndpoint: 'https://id.example.com/authorize',
  tokenEndpoint: 'https://id.example.com/token',
  userInfoEndpoint: 'https://id.example.com/user',
  clientId: 'shop',
  clientSecret: 'hush',
};

const withLogin: AccountSpec = {
  ...twoSides,
  loadBalancers: [
    {
      arn: loadBalancer,
      listeners: [
        {
          arn: listener,
          default: { weights: { [blue]: 1 } },
          rules: [
            { arn: rule, priority: 10, hosts: [host], forward: { weights: { [blue]: 100, [green]: 0 }, oidc } },
            {
              arn: `${rule}0`,
              priority: 5,
              hosts: ['*.example.com'],
              paths: ['/api/*'],
              forward: { weights: { [green]: 1 } },
            },
          ],
        },
      ],
    },
  ],
};

function open(spec: AccountSpec = twoSides) {
  const account = openShop(spec);
  const elb = new ElasticLoadBalancingV2Client(clientConfig(account));
  const modify = (Actions: Action[]) => drive(account, elb.send(new ModifyRuleCommand({ RuleArn: rule, Actions })));
  const read = async () => {
    const { Rules } = await drive(account, elb.send(new DescribeRulesCommand({ RuleArns: [rule] })));
    return Rules?.[0]?.Actions ?? [];
  };
  return { account, elb, modify, read };
}

const forward = (
  weights: Record<string, number>,
  stickiness?: { Enabled: boolean; DurationSeconds?: number },
): Action => ({
  Type: 'forward',
  Order: 1,
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    ...(stickiness ? { TargetGroupStickinessConfig: stickiness } : {}),
  },
});

describe('ModifyRule', () => {
  it('changes weights and stickiness in one call', async () => {
    const { modify, read } = open();
    await modify([forward({ [blue]: 0, [green]: 1 }, { Enabled: true, DurationSeconds: 300 })]);
    expect(await read()).toEqual([forward({ [blue]: 0, [green]: 1 }, { Enabled: true, DurationSeconds: 300 })]);
  });

  it('shows TargetGroupArn only where there is one target group', async () => {
    const { modify, read } = open();
    await modify([{ Type: 'forward', TargetGroupArn: green }]);
    expect(await read()).toMatchObject([
      { TargetGroupArn: green, ForwardConfig: { TargetGroups: [{ TargetGroupArn: green, Weight: 1 }] } },
    ]);
    expect((await read())[0]?.ForwardConfig?.TargetGroupStickinessConfig).toEqual({ Enabled: false });
  });

  const six = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`${blue}${at}`, 1]));

  it.each<[string, Action[], string, string]>([
    ['a weight above 999', [forward({ [blue]: 1000 })], 'ValidationError', 'from 0 to 999'],
    ['more than five groups', [forward(six)], 'ValidationError', 'at most 5 target groups'],
    ['an unknown group', [forward({ [`${blue}x`]: 1 })], 'TargetGroupNotFoundException', 'target groups not found'],
    [
      'stickiness without a duration',
      [forward({ [blue]: 1 }, { Enabled: true })],
      'InvalidLoadBalancerActionException',
      'DurationSeconds is required',
    ],
    [
      'TargetGroupArn beside several groups',
      [{ ...forward({ [blue]: 1, [green]: 1 }), TargetGroupArn: blue }],
      'InvalidLoadBalancerActionException',
      'exactly that one target group',
    ],
    ['no action', [], 'ValidationError', 'At least one action'],
  ])('refuses %s', async (_name, actions, name, message) => {
    const { modify, read } = open();
    const before = await read();
    await expect(modify(actions)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(await read()).toEqual(before);
  });

  // The message of ModifyTargetGroupAttributes is AWS's: kubernetes-sigs/aws-load-balancer-controller#2734.
  it('lets sticky targets stand beside others only with group stickiness, whichever comes first', async () => {
    const { account, elb, modify } = open();
    const stick = (Value: string) =>
      drive(
        account,
        elb.send(
          new ModifyTargetGroupAttributesCommand({
            TargetGroupArn: blue,
            Attributes: [{ Key: 'stickiness.enabled', Value }],
          }),
        ),
      );
    await modify([forward({ [blue]: 1, [green]: 1 })]);
    const refused = {
      name: 'InvalidConfigurationRequestException',
      message: expect.stringContaining('group stickiness'),
    };
    await expect(stick('true')).rejects.toMatchObject(refused);
    await modify([forward({ [blue]: 1, [green]: 1 }, { Enabled: true, DurationSeconds: 60 })]);
    await stick('true');
    await expect(modify([forward({ [blue]: 0, [green]: 1 }, { Enabled: false })])).rejects.toMatchObject(refused);
    await modify([forward({ [blue]: 1 }, { Enabled: false })]);
    await modify([forward({ [blue]: 1, [green]: 1 }, { Enabled: true, DurationSeconds: 60 })]);
    await stick('false');
    await modify([forward({ [blue]: 0, [green]: 1 }, { Enabled: false })]);
  });

  it('shows the default rule also by its ARN', async () => {
    const { account, elb } = open();
    const { Rules } = await drive(account, elb.send(new DescribeRulesCommand({ ListenerArn: listener })));
    const defaultRule = Rules?.find(({ IsDefault }) => IsDefault);
    const byArn = await drive(account, elb.send(new DescribeRulesCommand({ RuleArns: [defaultRule?.RuleArn ?? ''] })));
    expect(byArn.Rules).toEqual([defaultRule]);
  });

  it('refuses an unknown rule and the default rule', async () => {
    const { account, elb } = open();
    const { Rules } = await drive(account, elb.send(new DescribeRulesCommand({ ListenerArn: listener })));
    const defaultRule = Rules?.find(({ IsDefault }) => IsDefault)?.RuleArn;
    const modify = (RuleArn?: string) =>
      drive(account, elb.send(new ModifyRuleCommand({ RuleArn, Actions: [forward({ [blue]: 1 })] })));
    await expect(modify(`${rule}9`)).rejects.toMatchObject({ name: 'RuleNotFoundException' });
    await expect(modify(defaultRule)).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
  });
});

describe('a rule with a login', () => {
  it('never shows its secret, and keeps it only when told to', async () => {
    const { account, modify, read } = open(withLogin);
    const [login, to] = await read();
    expect(login?.AuthenticateOidcConfig).toMatchObject({ ClientId: 'shop', Issuer: 'https://id.example.com' });
    expect(JSON.stringify(await read())).not.toContain('hush');
    if (!login?.AuthenticateOidcConfig || !to) throw new Error('no login');

    await expect(modify([login, to])).rejects.toMatchObject({ name: 'InvalidLoadBalancerActionException' });
    const keeping = {
      ...login,
      AuthenticateOidcConfig: { ...login.AuthenticateOidcConfig, UseExistingClientSecret: true },
    };
    await modify([keeping, { ...forward({ [blue]: 0, [green]: 1 }), Order: 2 }]);
    expect((await read())[1]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight)).toEqual([0, 1]);
    expect(account.elbv2.rule(rule).actions[0]?.AuthenticateOidcConfig?.ClientSecret).toBe('hush');
  });

  it('stays when a person changes the weights', async () => {
    const { account, read } = open(withLogin);
    setWeights(account, { rule, weights: { [blue]: 1, [green]: 1 } });
    expect((await read()).map(({ Type }) => Type)).toEqual(['authenticate-oidc', 'forward']);
    expect(account.elbv2.rule(rule).actions[0]?.AuthenticateOidcConfig?.ClientSecret).toBe('hush');
  });

  it('sends a probe to log in, and another path by its own rule', () => {
    const { account } = open(withLogin);
    expect(account.elbv2.respond({ host, path: '/', method: 'GET' })).toMatchObject({ status: 302 });
    expect(account.elbv2.respond({ host, path: '/api/cart', method: 'GET' })?.status).not.toBe(302);
    expect(account.elbv2.respond({ host: 'nowhere.test', path: '/', method: 'GET' })).toBeUndefined();
  });
});

describe('a listener', () => {
  it('has its default action changed by ModifyListener', async () => {
    const { account, elb } = open(withLogin);
    await drive(
      account,
      elb.send(new ModifyListenerCommand({ ListenerArn: listener, DefaultActions: [forward({ [green]: 1 })] })),
    );
    const { Listeners } = await drive(account, elb.send(new DescribeListenersCommand({ ListenerArns: [listener] })));
    expect(Listeners?.[0]?.DefaultActions).toMatchObject([{ TargetGroupArn: green }]);
  });

  it('lists its rules by priority, the default last, page by page', async () => {
    const { account, elb } = open(withLogin);
    const first = await drive(account, elb.send(new DescribeRulesCommand({ ListenerArn: listener, PageSize: 2 })));
    expect(first.Rules?.map(({ Priority }) => Priority)).toEqual(['5', '10']);
    const next = await drive(
      account,
      elb.send(new DescribeRulesCommand({ ListenerArn: listener, PageSize: 2, Marker: first.NextMarker })),
    );
    expect(next.Rules?.map(({ Priority }) => Priority)).toEqual(['default']);
    expect(next.NextMarker).toBeUndefined();
  });
});

describe('target health', () => {
  const health = async (account: SimulatedAccount, elb: ElasticLoadBalancingV2Client, TargetGroupArn: string) => {
    const { TargetHealthDescriptions: found = [] } = await drive(
      account,
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
    );
    return found.map(({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason]);
  };

  it('follows what tasks say to health checks', async () => {
    const { account, elb } = open({
      ...twoSides,
      services: [{ ...checkout, healthCheckGracePeriodSeconds: 8 * 86_400 }],
    });
    expect(await health(account, elb, blue)).toEqual([
      ['healthy', undefined],
      ['healthy', undefined],
    ]);
    setBehaviour(account, 'checkout:12', { healthy: false });
    await pass(account, 21);
    expect(await health(account, elb, blue)).toEqual(Array(2).fill(['unhealthy', 'Target.ResponseCodeMismatch']));
    setBehaviour(account, 'checkout:12', { healthy: true });
    await pass(account, 15);
    expect(await health(account, elb, blue)).toEqual(Array(2).fill(['unhealthy', 'Target.ResponseCodeMismatch']));
    await pass(account, 16);
    expect(await health(account, elb, blue)).toEqual(Array(2).fill(['healthy', undefined]));
  });

  it('is unused in a group that no rule names, and begins anew when one does', async () => {
    const { account, elb } = open();
    setWeights(account, { rule, weights: { [blue]: 1 } });
    expect(await health(account, elb, green)).toEqual(Array(2).fill(['unused', 'Target.NotInUse']));
    setWeights(account, { rule, weights: { [blue]: 1, [green]: 0 } });
    expect(await health(account, elb, green)).toEqual(Array(2).fill(['initial', 'Elb.InitialHealthChecking']));
    await pass(account, 11);
    expect(await health(account, elb, green)).toEqual(Array(2).fill(['healthy', undefined]));
  });

  it('knows what is not registered', async () => {
    const { account, elb } = open();
    const { TargetHealthDescriptions } = await drive(
      account,
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: blue, Targets: [{ Id: '10.9.9.9' }] })),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });
});

it('describes load balancers, target groups and their attributes', async () => {
  const { account, elb } = open();
  const { LoadBalancers } = await drive(account, elb.send(new DescribeLoadBalancersCommand({ Names: ['shop'] })));
  expect(LoadBalancers).toMatchObject([
    { LoadBalancerArn: loadBalancer, State: { Code: 'active' }, Type: 'application' },
  ]);
  const { TargetGroups } = await drive(account, elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [blue] })));
  expect(TargetGroups).toMatchObject([
    {
      TargetGroupName: 'checkout-blue',
      LoadBalancerArns: [loadBalancer],
      HealthCheckPath: '/health',
      TargetType: 'ip',
    },
  ]);
  const { Attributes } = await drive(
    account,
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: blue })),
  );
  expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '60' });
});

describe('a probe', () => {
  const statuses = (account: SimulatedAccount, path: string, cookies?: Record<string, string>) =>
    Array.from({ length: 200 }, (_, at) => {
      const request = { host, path: path.replace('#', String(at)), method: 'GET' };
      return account.elbv2.respond(cookies ? { ...request, cookies } : request)?.status;
    });

  it('reaches targets by weight, and by cookie where groups are sticky', () => {
    const { account } = open();
    const failures = (cookies?: Record<string, string>) =>
      statuses(account, '/#', cookies).filter((status) => status === 500).length;
    expect(failures()).toBe(0);
    setWeights(account, {
      rule,
      weights: { [blue]: 1, [green]: 1 },
      stickiness: { enabled: true, durationSeconds: 60 },
    });
    // Half of them reach green, where 40 % fail.
    expect(failures()).toBeGreaterThan(20);
    expect(failures()).toBeLessThan(60);
    expect(failures({ AWSALBTG: blue })).toBe(0);
    expect(failures({ AWSALBTG: green })).toBeGreaterThan(60);
  });

  it('of the health check path shows what health checks see', () => {
    const { account } = open();
    expect(statuses(account, '/health')).toEqual(Array(200).fill(200));
    setBehaviour(account, 'checkout:12', { healthy: false });
    expect(statuses(account, '/health')).toEqual(Array(200).fill(503));
  });
});

describe('tags', () => {
  const tagged: AccountSpec = {
    ...twoSides,
    loadBalancers: [
      {
        arn: loadBalancer,
        listeners: [
          {
            arn: listener,
            tags: { team: 'shop' },
            rules: [
              {
                arn: rule,
                priority: 10,
                hosts: [host],
                forward: { weights: { [blue]: 100, [green]: 0 } },
                tags: { ManagedBy: 'terraform' },
              },
            ],
          },
        ],
      },
    ],
  };

  it('are told of listeners, rules and groups, none where there are none', async () => {
    const account = openShop(tagged);
    const client = new ElasticLoadBalancingV2Client(clientConfig(account));
    const ask = new DescribeTagsCommand({ ResourceArns: [rule, listener, blue] });
    const { TagDescriptions: found } = await drive(account, client.send(ask));
    expect(found).toEqual([
      { ResourceArn: rule, Tags: [{ Key: 'ManagedBy', Value: 'terraform' }] },
      { ResourceArn: listener, Tags: [{ Key: 'team', Value: 'shop' }] },
      { ResourceArn: blue, Tags: [] },
    ]);
  });

  it('of a rule that is not there are an error', async () => {
    const account = openShop(tagged);
    const client = new ElasticLoadBalancingV2Client(clientConfig(account));
    const gone = new DescribeTagsCommand({ ResourceArns: [`${rule}0`] });
    await expect(drive(account, client.send(gone))).rejects.toMatchObject({ name: 'RuleNotFoundException' });
  });
});
