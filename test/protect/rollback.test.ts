/** An app with `protect`, deployed into the simulated account beside the service that it names: does it roll back? */
import { rmSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { expect, onTestFinished, test } from 'vitest';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { runScenario } from '../../simulator/scenario/run.ts';
import { deployShop, shopNames } from './deploy-shop.ts';
import { runbook, Shop } from './shop-app.ts';

const rule = shopNames['AWS::ElasticLoadBalancingV2::ListenerRule.Ref'];
const targetGroup = shopNames['AWS::ElasticLoadBalancingV2::TargetGroup.Ref'];

test('given constructs instead of names, when a bad release comes, then its alarm rolls it back and it is verified', async () => {
  const app = new App();
  const shop = new Shop(app);
  const service = shop.service('Checkout');
  const group = shop.targetGroup('Targets', service);
  shop.backstep().protect(service, {
    name: 'checkout',
    targetGroup: group,
    rules: [shop.rule('Shop', 10, group)],
    health: { probes: [{ url: `https://${shop.loadBalancer.loadBalancerDnsName}/health` }] },
    runbook,
  });
  const assemblyDir = deployShop(app.synth().directory, 'Shop', shopNames);
  onTestFinished(() => rmSync(assemblyDir, { recursive: true }));

  const run = await runScenario(loadScenario('examples/01-checkout/scenario.json'), {
    synthesize: async () => ({ assemblyDir, stacks: [{ name: 'Shop', environment: 'production' }] }),
    baseDir: 'examples/01-checkout',
  });

  expect(run.document.failures).toEqual([]);
  const { account, stack } = run;
  const bucket = Object.values(stack.resources).find(({ type }) => type === 'AWS::S3::Bucket')?.physicalId ?? '';
  const [stored, ...others] = account.s3.list(bucket, 'configuration/checkout/');
  expect(others).toEqual([]);
  const body = Buffer.from(account.s3.get(bucket, stored?.key ?? '')?.body ?? '').toString('utf8');
  expect(body).not.toContain('at-deployment-');
  const configuration = JSON.parse(body) as ServiceConfiguration;
  expect(configuration.sides).toEqual([{ name: 'main', cluster: 'shop', service: 'checkout', targetGroup }]);
  expect(configuration.traffic.rules).toEqual([rule]);
  expect(configuration.health.probes[0]?.url).toBe('https://shop.example.com/health');
  const dimensions = configuration.triggers.flatMap(({ alarms }) =>
    alarms.flatMap(({ queries }) => queries.map(({ metric }) => metric?.dimensions)),
  );
  expect(dimensions).toContainEqual({
    LoadBalancer: 'app/shop/50dc6c495c0c9188',
    TargetGroup: 'targetgroup/checkout/943f017f100becff',
  });
}, 120_000);
