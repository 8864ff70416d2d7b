import { describe, expect, test } from 'vitest';
import { arn, minimal, parse, targetGroup } from './fixture.ts';

const alternateTargetGroup = arn('targetgroup/checkout-green/1b2c3d4e5f607182');
const codeDeploy = { application: 'shop', group: 'checkout' };
const withSide = (more: object) =>
  minimal((_document, service) => {
    Object.assign(service.sides[0], more);
  });

describe('a service whose traffic AWS moves', () => {
  test('names its second target group and its deployment group', () => {
    const configuration = parse(withSide({ alternateTargetGroup, codeDeploy }));
    expect(configuration.environments.production?.services.checkout?.sides).toMatchObject([
      { targetGroup, alternateTargetGroup, codeDeploy },
    ]);
  });

  test.each([
    [
      'CodeDeploy without the second group',
      { codeDeploy },
      /sides\[0\]\.alternateTargetGroup: found nothing, allowed: .*CodeDeploy moves/,
    ],
    ['the same group twice', { alternateTargetGroup: targetGroup }, /allowed: a target group other than targetGroup/],
    [
      'a group of another account',
      { alternateTargetGroup: arn('targetgroup/x/1b2c3d4e5f607182', '999999999999') },
      /account 999999999999/,
    ],
    ['an unknown key', { codeDeploy: { ...codeDeploy, region: 'eu-west-1' } }, /codeDeploy\.region/],
  ])('refused: %s', (_name, side, words) => {
    expect(() => parse(withSide(side))).toThrow(words);
  });

  test('refused with two sides: their traffic is moved here', () => {
    const two = minimal((_document, service) => {
      const green = { name: 'green', cluster: 'shop', service: 'checkout-green', targetGroup: alternateTargetGroup };
      service.sides.push({ ...green, codeDeploy });
    });
    expect(() => parse(two)).toThrow(/sides\[1\]\.codeDeploy: .*nothing with two sides/);
  });
});
