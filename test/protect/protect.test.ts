/** `protect`: constructs instead of names. What is in the template, and what is said when something is missing. */
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { EcsApplication, EcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { type App, Stack } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { Backstep } from '../../lib/constructs/backstep.ts';
import { exampleEnvironment, list, only, type Resources, statementsByRole } from '../constructs/fixture.ts';
import { newApp, place, runbook, Shop } from './shop-app.ts';

const resourcesOf = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;

function checkout() {
  const shop = new Shop(newApp());
  const service = shop.service('Checkout');
  const targetGroup = shop.targetGroup('Targets', service);
  const rule = shop.rule('Shop', 10, targetGroup);
  return { shop, service, targetGroup, rule };
}

/** The logical id of the only resource of this type outside of Backstep. */
function shopId(resources: Resources, type: string): string {
  const [id, ...others] = Object.keys(resources).filter(
    (key) => resources[key]?.Type === type && !key.startsWith('Backstep'),
  );
  if (!id || others.length > 0) throw new Error(`${others.length + 1} of ${type}`);
  return id;
}

describe('a service behind a load balancer, with a database', () => {
  const { shop, service, targetGroup, rule } = checkout();
  const backstep = shop.backstep();
  backstep.protect(service, {
    name: 'checkout',
    targetGroup,
    rules: [rule],
    database: shop.database(),
    health: { probes: [{ url: `http://${shop.loadBalancer.loadBalancerDnsName}/health` }] },
    runbook,
  });
  const resources = resourcesOf(shop.stack);
  const ref = (type: string) => ({ Ref: shopId(resources, type) });

  test('alarms watch the names that CloudFormation gives', () => {
    const alarms = Object.values(resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::CloudWatch::Alarm' && String(Properties.AlarmName).startsWith('backstep/production/checkout/'),
    );
    expect(alarms.length).toBeGreaterThan(3);
    const dimensions = alarms
      .flatMap(({ Properties }) => [
        Properties,
        ...((Properties.Metrics ?? []) as { MetricStat?: { Metric: object } }[]).map(
          ({ MetricStat }) => MetricStat?.Metric ?? {},
        ),
      ])
      .flatMap((metric) => (metric as { Dimensions?: { Name: string; Value: unknown }[] }).Dimensions ?? []);
    const valuesOf = (name: string) =>
      [...new Set(dimensions.filter(({ Name }) => Name === name).map(({ Value }) => JSON.stringify(Value)))].map(
        (text) => JSON.parse(text),
      );
    expect(valuesOf('ClusterName')).toEqual([ref('AWS::ECS::Cluster')]);
    expect(valuesOf('ServiceName')).toEqual([{ 'Fn::GetAtt': [shopId(resources, 'AWS::ECS::Service'), 'Name'] }]);
    const split = (separator: string, type: string) => ({ 'Fn::Split': [separator, ref(type)] });
    expect(valuesOf('TargetGroup')).toEqual([
      { 'Fn::Select': [5, split(':', 'AWS::ElasticLoadBalancingV2::TargetGroup')] },
    ]);
    const part = (index: number) => ({
      'Fn::Select': [index, split('/', 'AWS::ElasticLoadBalancingV2::ListenerRule')],
    });
    expect(valuesOf('LoadBalancer')).toEqual([{ 'Fn::Join': ['', ['app/', part(2), '/', part(3)]] }]);
  });

  test('roles may change this service and no other, and no rule', () => {
    const statements = statementsByRole(resources);
    const resourceOf = (name: string, action: string) => {
      const { id } = only(resources, 'AWS::IAM::Role', `Functions${name}Role`);
      return statements.get(id)?.find(({ Action }) => list(Action).includes(action))?.Resource;
    };
    // The weights of a service with one side are nobody's to change.
    expect(resourceOf('ShiftTraffic', 'elasticloadbalancing:ModifyRule')).toBeUndefined();
    expect(JSON.stringify(resourceOf('RevertService', 'ecs:UpdateService'))).toContain(
      `:ecs:eu-west-1:111122223333:service/",${JSON.stringify(ref('AWS::ECS::Cluster'))},"/",{"Fn::GetAtt":["${shopId(resources, 'AWS::ECS::Service')}","Name"]}`,
    );
  });

  test('deployments of the service reach the ledger', () => {
    const rule = only(resources, 'AWS::Events::Rule', 'DeploymentRule');
    expect(JSON.stringify(rule.Properties.EventPattern)).toContain(shopId(resources, 'AWS::ECS::Service'));
  });

  test('the installation fills the names in, and the parameter points to what it answers', () => {
    const installation = only(resources, 'Custom::BackstepInstallation');
    const [stored] = installation.Properties.Configurations as {
      Substitutions: { StandIn: string; Value: unknown }[];
    }[];
    const values = stored?.Substitutions.map(({ Value }) => Value);
    expect(values).toContainEqual(ref('AWS::RDS::DBInstance'));
    expect(values).toContainEqual({
      'Fn::GetAtt': [shopId(resources, 'AWS::ElasticLoadBalancingV2::LoadBalancer'), 'DNSName'],
    });
    const parameter = only(resources, 'AWS::SSM::Parameter', 'checkout');
    const sha256 = { 'Fn::GetAtt': [installation.id, 'checkout'] };
    const parts = (parameter.Properties.Value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    expect(parts.filter((each) => JSON.stringify(each) === JSON.stringify(sha256))).toHaveLength(2);
  });

  test('no stand-in is left where a name should be', () => {
    const withoutSubstitutions = JSON.stringify(resources, (key, value) => (key === 'StandIn' ? undefined : value));
    expect(withoutSubstitutions).not.toContain('at-deployment-');
  });

  test('cdk-nag finds nothing in what Backstep adds', () => {
    const { violations } = new AwsSolutionsChecks(shop.stack.node.root).validateScope(backstep);
    expect(
      violations.map(({ ruleName, violatingResources }) => `${ruleName} ${violatingResources[0]?.constructPath}`),
    ).toEqual([]);
  });

  test('another synthesis of the same app makes the same template', () => {
    const again = checkout();
    again.shop.backstep().protect(again.service, {
      name: 'checkout',
      targetGroup: again.targetGroup,
      rules: [again.rule],
      database: again.shop.database(),
      health: { probes: [{ url: `http://${again.shop.loadBalancer.loadBalancerDnsName}/health` }] },
      runbook,
    });
    expect(resourcesOf(again.shop.stack)).toEqual(resources);
  });
});

describe('other shapes', () => {
  test('what ApplicationLoadBalancedFargateService makes brings target group and listener along', () => {
    const shop = new Shop(newApp());
    const pattern = new ApplicationLoadBalancedFargateService(shop.stack, 'Pattern', {
      cluster: shop.cluster,
      minHealthyPercent: 100,
      taskImageOptions: { image: ContainerImage.fromRegistry('registry.example.com/checkout:v1') },
    });
    shop.backstep().protect(pattern, { name: 'checkout', runbook });
    const statements = JSON.stringify([...statementsByRole(resourcesOf(shop.stack))]);
    expect(statements).toContain('elasticloadbalancing:DescribeTargetHealth');
    expect(statements).not.toMatch(/elasticloadbalancing:Modify/);
  });

  test('two sides have alarms and a permission each', () => {
    const shop = new Shop(newApp());
    const [blue, green] = [shop.service('Blue'), shop.service('Green')];
    const groups = [shop.targetGroup('BlueTargets', blue), shop.targetGroup('GreenTargets', green)] as const;
    const rule = shop.rule('Shop', 10, ...groups);
    shop.backstep().protect(
      [
        { name: 'blue', service: blue, targetGroup: groups[0] },
        { name: 'green', service: green, targetGroup: groups[1] },
      ],
      { name: 'checkout', rules: [rule], runbook },
    );
    const names = Object.values(resourcesOf(shop.stack)).map(({ Properties }) => Properties?.AlarmName);
    expect(names).toContain('backstep/production/checkout/error_rate_spike/blue');
    expect(names).toContain('backstep/production/checkout/error_rate_spike/green');
  });

  test('what CodeDeploy deploys has its deployment group, and alarms on both target groups', () => {
    const { shop, service, targetGroup, rule } = checkout();
    const green = shop.targetGroup('Green', service);
    const application = new EcsApplication(shop.stack, 'Application');
    const codeDeploy = EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(shop.stack, 'Group', {
      application,
      deploymentGroupName: 'checkout',
    });
    shop.backstep().protect(service, {
      name: 'checkout',
      targetGroup,
      alternateTargetGroup: green,
      codeDeploy,
      rules: [rule],
      runbook,
    });
    const resources = resourcesOf(shop.stack);
    const { id } = only(resources, 'AWS::IAM::Role', 'FunctionsRevertServiceRole');
    const create = statementsByRole(resources)
      .get(id)
      ?.find(({ Action }) => list(Action).includes('codedeploy:CreateDeployment'));
    expect(JSON.stringify(create?.Resource)).toContain(
      `:deploymentgroup:",${JSON.stringify({ Ref: shopId(resources, 'AWS::CodeDeploy::Application') })},"/checkout"`,
    );
    const alarms = JSON.stringify(Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm'));
    for (const group of [targetGroup, green])
      expect(alarms).toContain(`":",${JSON.stringify(shop.stack.resolve(group.targetGroupArn))}`);
  });

  test('a worker has neither target group nor rule', () => {
    const shop = new Shop(newApp());
    shop.backstep().protect(shop.service('Worker'), {
      name: 'worker',
      runbook,
      metrics: {
        error_rate: {
          namespace: 'Worker',
          metricName: 'Errors',
          dimensions: { Cluster: shop.cluster.clusterName },
          unit: 'percent',
        },
      },
    });
    expect(JSON.stringify(resourcesOf(shop.stack))).toContain('"Name":"Cluster","Value":{"Ref":"Cluster');
  });

  test('services of a configuration file and protected ones stand beside each other', () => {
    const { shop, service, targetGroup, rule } = checkout();
    shop
      .backstep({ configuration: exampleEnvironment() })
      .protect(service, { name: 'basket', targetGroup, rules: [rule], runbook });
    const resources = resourcesOf(shop.stack);
    const parameters = Object.values(resources).filter(({ Type }) => Type === 'AWS::SSM::Parameter');
    const names = parameters.map(({ Properties }) => Properties.Name);
    expect(names).toEqual(
      expect.arrayContaining(['/backstep/production/services/checkout', '/backstep/production/services/basket']),
    );
    const installations = Object.values(resources).filter(({ Type }) => Type === 'Custom::BackstepInstallation');
    expect(installations).toHaveLength(2);
  });

  test('errors of a load balancer count for the service that has it alone, and for no two', () => {
    const alone = checkout();
    alone.shop.backstep().protect(alone.service, {
      name: 'checkout',
      targetGroup: alone.targetGroup,
      rules: [alone.rule],
      runbook,
    });
    expect(balancerAlarms(alone.shop)).toBeGreaterThan(0);

    const { shop, service, targetGroup, rule } = checkout();
    const basket = shop.service('Basket');
    const baskets = shop.targetGroup('BasketTargets', basket);
    const backstep = shop.backstep();
    backstep.protect(service, { name: 'checkout', targetGroup, rules: [rule], runbook });
    backstep.protect(basket, {
      name: 'basket',
      targetGroup: baskets,
      rules: [shop.rule('Baskets', 20, baskets)],
      runbook,
    });
    expect(balancerAlarms(shop)).toBe(0);
  });

  test('in a stack of its own, names reach it from the stack of the service', () => {
    const { shop, service, targetGroup, rule } = checkout();
    const stack = new Stack(shop.stack.node.root as App, 'Rollback', { env: place });
    shop
      .backstep({ environment: 'production' }, stack)
      .protect(service, { name: 'checkout', targetGroup, rules: [rule], runbook });
    const text = JSON.stringify(resourcesOf(stack));
    expect(text).toMatch(/Fn::ImportValue|Fn::GetStackOutput/);
    expect(stack.dependencies).toContain(shop.stack);
  });

  test('triggers without an alarm are warnings of the app', () => {
    const { shop, service } = checkout();
    const backstep = shop.backstep();
    backstep.protect(service, { name: 'worker', runbook });
    Annotations.fromStack(shop.stack).hasWarning(
      '/Shop/Backstep',
      Match.stringLikeRegexp('worker: trigger error_rate_spike has no alarm'),
    );
  });
});

describe('errors', () => {
  const refused = (act: () => void): string => {
    try {
      act();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('It was accepted.');
  };

  test.each([
    [
      'rules without target group',
      ({ service, rule }: Parts) => [service, { rules: [rule] }],
      'targetGroup: found nothing, allowed: the ApplicationTargetGroup that the rules forward to',
    ],
    [
      'a target group behind no rule',
      ({ service, targetGroup }: Parts) => [service, { targetGroup }],
      'rules: found nothing, allowed: the listener rules, or the listener, that forward to targetGroup',
    ],
    [
      'a deployment group without the other target group',
      ({ service, targetGroup, rule }: Parts) => [
        service,
        {
          targetGroup,
          rules: [rule],
          codeDeploy: { application: { applicationName: 'shop' }, deploymentGroupName: 'shop' },
        },
      ],
      'alternateTargetGroup: found nothing, allowed: the other target group of codeDeploy',
    ],
    [
      'another target group for a worker',
      ({ service, targetGroup }: Parts) => [service, { alternateTargetGroup: targetGroup }],
      'alternateTargetGroup: found one, allowed: nothing without a targetGroup',
    ],
    [
      'another target group for two sides',
      ({ service, targetGroup, rule }: Parts) => [
        [
          { name: 'blue', service, targetGroup },
          { name: 'green', service, targetGroup },
        ],
        { rules: [rule], alternateTargetGroup: targetGroup },
      ],
      'alternateTargetGroup: found one, allowed: nothing with two sides: Backstep moves their traffic',
    ],
    [
      'two sides without a rule',
      ({ service, targetGroup }: Parts) => [
        [
          { name: 'blue', service, targetGroup },
          { name: 'green', service, targetGroup },
        ],
        {},
      ],
      'rules: found nothing, allowed: the listener rules, or the listener, that forward to both sides',
    ],
    [
      'one service on both sides',
      ({ service, targetGroup, rule }: Parts) => [
        [
          { name: 'blue', service, targetGroup },
          { name: 'green', service, targetGroup },
        ],
        { rules: [rule] },
      ],
      'sides[1].service: found "Shop/Checkout/Service", allowed: an ECS service that is not the other side\'s',
    ],
    [
      'a runbook that is not there',
      ({ service }: Parts) => [service, { runbook: 'nowhere.json' }],
      'runbook: found "nowhere.json", allowed: the path of a rollback runbook that exists, relative to the directory that the app runs in',
    ],
    [
      'a token as name',
      ({ service, cluster }: Parts) => [service, { name: cluster }],
      'name: found a value that is known only at deployment (a CDK token), allowed: one that is known at synthesis',
    ],
    [
      'a token in the policy',
      ({ service, cluster }: Parts) => [service, { policy: { strategy: cluster } }],
      'policy.strategy: found a value that is known only at deployment',
    ],
    [
      'a policy that could have no effect',
      ({ service }: Parts) => [service, { policy: { backup: 'off' } }],
      'policy.backup: found "off", allowed: nothing, since the service names no database',
    ],
    [
      'an unknown field of the policy',
      ({ service }: Parts) => [service, { policy: { bakeMinute: 3 } }],
      'policy.bakeMinute: found the unknown key "bakeMinute", allowed: "bakeMinutes", perhaps?',
    ],
  ] as [string, (parts: Parts) => [never, object], string][])('%s', (_what, of, message) => {
    const parts = checkout();
    const [service, props] = of({ ...parts, cluster: parts.shop.cluster.clusterName });
    const backstep = parts.shop.backstep();
    expect(refused(() => backstep.protect(service, { name: 'checkout', runbook, ...props }))).toContain(message);
  });

  test('a name that is taken, in the file or by protect', () => {
    const { shop, service } = checkout();
    const backstep = shop.backstep({ configuration: exampleEnvironment() });
    const taken = 'name: found "checkout", allowed: a name that no other service of the environment has';
    expect(refused(() => backstep.protect(service, { name: 'checkout', runbook }))).toContain(taken);
  });

  test('one target group for two services, at synthesis, naming both', () => {
    const { shop, service, targetGroup, rule } = checkout();
    const basket = shop.service('Basket');
    const backstep = shop.backstep();
    backstep.protect(service, { name: 'checkout', targetGroup, rules: [rule], runbook });
    backstep.protect(basket, { name: 'basket', targetGroup, rules: [shop.rule('Baskets', 20, targetGroup)], runbook });
    expect(refused(() => Template.fromStack(shop.stack))).toContain(
      'basket.sides[0].targetGroup: found "Shop/Targets", allowed: a target group of its own: this one is checkout\'s',
    );
  });

  test('a service of the file protected once more', () => {
    const { shop } = checkout();
    const backstep = shop.backstep({ configuration: exampleEnvironment() });
    backstep.protect({ serviceName: 'checkout', cluster: { clusterName: 'shop' } }, { name: 'again', runbook });
    expect(refused(() => backstep.build())).toContain("an ECS service of its own: this one is checkout's");
  });

  test('protecting nothing, and protecting too late', () => {
    const { shop, service } = checkout();
    const backstep = shop.backstep();
    expect(refused(() => backstep.build())).toBe(
      'Shop/Backstep protects nothing: give it a configuration, or call protect for each service.',
    );
    backstep.protect(service, { name: 'worker', runbook });
    backstep.build();
    expect(refused(() => backstep.protect(service, { name: 'late', runbook }))).toContain(
      'is built: protect late before',
    );
  });

  test('a stack that goes anywhere', () => {
    const stack = new Stack(newApp(), 'Anywhere');
    expect(refused(() => new Backstep(stack, 'Backstep', { environment: 'production' }))).toContain(
      'The stack Anywhere has no account and region that are known at synthesis',
    );
  });

  test('neither configuration nor environment, both at odds, and a setting that the file has', () => {
    const { shop } = checkout();
    const configuration = exampleEnvironment();
    expect(refused(() => shop.backstep({}))).toContain('found neither');
    expect(refused(() => new Backstep(shop.stack, 'Two', { configuration, environment: 'staging' }))).toContain(
      'environment: found "staging"',
    );
    expect(refused(() => new Backstep(shop.stack, 'Three', { configuration, production: false }))).toContain(
      'production: found beside configuration',
    );
    expect(refused(() => new Backstep(shop.stack, 'Four', { environment: 'Production' }))).toContain(
      'a name of lower-case letters',
    );
  });
});

interface Parts extends ReturnType<typeof checkout> {
  readonly cluster: string;
}

/** How many alarms count errors that the load balancer makes itself. */
const balancerAlarms = ({ stack }: Shop): number =>
  Object.values(resourcesOf(stack)).filter(({ Properties }) =>
    JSON.stringify(Properties ?? {}).includes('HTTPCode_ELB_5XX_Count'),
  ).length;
