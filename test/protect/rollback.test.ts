/** Apps with `protect`, deployed into the simulated account beside the services that they name: do they roll back? */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { App } from 'aws-cdk-lib/core';
import { expect, onTestFinished, test } from 'vitest';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario } from '../../simulator/scenario/run.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { type DeployedNames, deployShop, shopNames } from './deploy-shop.ts';
import { newApp, runbook, Shop } from './shop-app.ts';

const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
const rule = shopNames['AWS::ElasticLoadBalancingV2::ListenerRule.Ref'];
const targetGroup = shopNames['AWS::ElasticLoadBalancingV2::TargetGroup.Ref'];

/** Deploys the shop's app into the account of an example's scenario, and runs that. */
async function run(shop: Shop, scenario: Scenario, names: DeployedNames = shopNames): Promise<FinishedRun> {
  const assemblyDir = deployShop((shop.stack.node.root as App).synth().directory, 'Shop', names);
  onTestFinished(() => rmSync(assemblyDir, { recursive: true }));
  return runScenario(scenario, {
    synthesize: async () => ({ assemblyDir, stacks: [{ name: 'Shop', environment: 'production' }] }),
    baseDir: dirname(runbook),
  });
}

function storedConfiguration({ account, stack }: FinishedRun): string {
  const bucket = Object.values(stack.resources).find(({ type }) => type === 'AWS::S3::Bucket')?.physicalId ?? '';
  const [stored, ...others] = account.s3.list(bucket, 'configuration/checkout/');
  expect(others).toEqual([]);
  return Buffer.from(account.s3.get(bucket, stored?.key ?? '')?.body ?? '').toString('utf8');
}

test('given constructs instead of names, when a bad release comes, then a snapshot is taken, the alarm rolls it back, and it is verified', async () => {
  const shop = new Shop(newApp());
  const service = shop.service('Checkout');
  const group = shop.targetGroup('Targets', service);
  shop.backstep().protect(service, {
    name: 'checkout',
    targetGroup: group,
    rules: [shop.rule('Shop', 10, group)],
    database: shop.database(),
    health: { probes: [{ url: `https://${shop.loadBalancer.loadBalancerDnsName}/health` }] },
    policy: { unknownMigrations: 'proceed' },
    runbook,
  });
  const scenario = structuredClone(loadScenario('examples/01-checkout/scenario.json'));
  scenario.account.databases = { instances: [{ id: 'shop-db', engine: 'postgres', snapshotSeconds: 240 }] };

  const finished = await run(shop, scenario);

  expect(finished.document.failures).toEqual([]);
  expect(finished.document.account.snapshots).toMatchObject([{ source: 'instance shop-db', status: 'available' }]);
  const body = storedConfiguration(finished);
  expect(body).not.toContain('at-deployment-');
  const configuration = JSON.parse(body) as ServiceConfiguration;
  expect(configuration.sides).toEqual([{ name: 'main', cluster: 'shop', service: 'checkout', targetGroup }]);
  expect(configuration.traffic.rules).toEqual([rule]);
  expect(configuration.database).toEqual({ instance: 'shop-db' });
  expect(configuration.health.probes[0]?.url).toBe('https://shop.example.com/health');
  const dimensions = configuration.triggers.flatMap(({ alarms }) =>
    alarms.flatMap(({ queries }) => queries.map(({ metric }) => metric?.dimensions)),
  );
  expect(dimensions).toContainEqual({
    LoadBalancer: 'app/shop/50dc6c495c0c9188',
    TargetGroup: 'targetgroup/checkout/943f017f100becff',
  });
}, 120_000);

test('given two sides as constructs, when the one with the traffic gets a bad release, then the traffic moves to the other', async () => {
  const shop = new Shop(newApp());
  const [blue, green] = [shop.service('Blue'), shop.service('Green')];
  const groups = [shop.targetGroup('TargetsOfBlue', blue), shop.targetGroup('TargetsOfGreen', green)] as const;
  shop.backstep().protect(
    [
      { name: 'blue', service: blue, targetGroup: groups[0] },
      { name: 'green', service: green, targetGroup: groups[1] },
    ],
    {
      name: 'checkout',
      rules: [shop.rule('Shop', 10, ...groups)],
      policy: { strategy: 'instant' },
      runbook: 'examples/02-two-sides/runbooks/checkout.json',
    },
  );

  const { document } = await run(shop, loadScenario('examples/02-two-sides/scenario.json'), {
    ...shopNames,
    'Blue.Name': 'checkout-blue',
    'Green.Name': 'checkout-green',
    'TargetsOfBlue.Ref': arn('targetgroup/checkout-blue/73e2d6bc24d8a067'),
    'TargetsOfGreen.Ref': arn('targetgroup/checkout-green/09966783158cda59'),
  });

  expect(document.failures).toEqual([]);
}, 120_000);
