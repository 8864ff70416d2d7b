/** Companions given as constructs: their names, which only the deployment knows, reach roles and rules. */
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { list, only, type Resources, statementsByRole } from '../constructs/fixture.ts';
import { newApp, runbook, Shop } from './shop-app.ts';

const protectedShop = (dependsOn: readonly string[]) => {
  const shop = new Shop(newApp());
  const service = shop.service('Checkout');
  const targetGroup = shop.targetGroup('Targets', service);
  const rules = [shop.rule('Shop', 10, targetGroup)];
  const companions = { worker: { service: shop.service('Worker'), dependsOn } };
  shop.backstep().protect(service, { name: 'checkout', targetGroup, rules, companions, runbook });
  return shop;
};

describe('a service with a companion', () => {
  test('it may be described and updated, and its deployments reach the ledger', () => {
    const resources: Resources = Template.fromStack(protectedShop(['main']).stack).toJSON().Resources;
    const [worker = ''] = Object.keys(resources).filter((id) => /^Worker.*Service/.test(id));
    const statements = statementsByRole(resources);
    for (const name of ['RevertService', 'Compensate']) {
      const { id } = only(resources, 'AWS::IAM::Role', `Functions${name}Role`);
      const updates = statements.get(id)?.find(({ Action }) => list(Action).includes('ecs:UpdateService'));
      expect(JSON.stringify(updates?.Resource)).toContain(`{"Fn::GetAtt":["${worker}","Name"]}`);
    }
    const rule = only(resources, 'AWS::Events::Rule', 'DeploymentRule');
    expect(JSON.stringify(rule.Properties.EventPattern)).toContain(worker);
    const parameter = only(resources, 'AWS::SSM::Parameter', 'checkout');
    expect(JSON.stringify(parameter.Properties.Value)).toContain('companions');
  });

  test('refused: a name that it cannot depend on', () => {
    expect(() => protectedShop(['blue'])).toThrow(/companions\.worker\.dependsOn\[0\]: found "blue", allowed: main/);
  });
});
