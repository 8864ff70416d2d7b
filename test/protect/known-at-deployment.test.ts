import { CfnParameter, Lazy, Stack } from 'aws-cdk-lib/core';
import { describe, expect, test } from 'vitest';
import { KnownAtDeployment } from '../../lib/constructs/known-at-deployment.ts';
import { newApp, place } from './shop-app.ts';

function make() {
  const stack = new Stack(newApp(), 'Stack', { env: place });
  const token = (id: string): string => new CfnParameter(stack, id).valueAsString;
  return { stack, token, known: new KnownAtDeployment(stack, { ...place, partition: 'aws' }) };
}

describe('stand-ins', () => {
  test('what is known already stays as it is', () => {
    const { known } = make();
    const arn =
      'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
    expect([known.name('shop', 255), known.targetGroup(arn), known.rule('listener', arn, 'checkout')]).toEqual([
      'shop',
      arn,
      arn,
    ]);
  });

  test('are as long as the name can be, one for each token, and in lower case, as RDS wants its names', () => {
    const { known, token } = make();
    const [one, other] = [token('One'), token('Other')];
    expect(known.name(one, 63)).toMatch(/^[a-z][a-z0-9-]{62}$/);
    expect(known.name(one, 255)).toHaveLength(255);
    expect(known.name(one, 63)).toBe(known.name(one, 63));
    expect(known.name(one, 63)).not.toBe(known.name(other, 63));
  });

  test('give way to their tokens, wherever they stand, the long before the short', () => {
    const { known, stack, token } = make();
    const one = token('One');
    const [short, long] = [known.name(one, 63), known.name(one, 255)];
    const group = known.targetGroup(token('Group'));
    const filled = known.fill({ list: [`a/${long}/${short}`], dimension: group.split(':').at(-1), n: 1 });
    expect(stack.resolve(filled)).toEqual({
      list: [{ 'Fn::Join': ['', ['a/', { Ref: 'One' }, '/', { Ref: 'One' }]] }],
      dimension: { 'Fn::Select': [5, { 'Fn::Split': [':', { Ref: 'Group' }] }] },
      n: 1,
    });
  });

  test('stop the synthesis when some text has cut them short', () => {
    const { known, token } = make();
    const cut = known.name(token('One'), 255).slice(0, 100);
    expect(() => known.fill([cut])).toThrow('A name that is known only at deployment was cut');
  });

  test('are told by what they stand for, also when they are cut', () => {
    const { known, token } = make();
    const name = known.name(token('One'), 255);
    expect(known.describe(`found "${name}", allowed: another`)).toBe('found "Stack/One", allowed: another');
    expect(known.describe(`found "${name.slice(0, 159)}…, allowed: another`)).toBe(
      'found "Stack/One", allowed: another',
    );
  });

  test('tokens that refer to nothing have one too', () => {
    const { known, stack } = make();
    const lazy = Lazy.string({ produce: () => 'later' });
    expect(stack.resolve(known.fill(known.name(lazy, 63)))).toBe('later');
  });
});

describe('rules', () => {
  test('of unknown origin are behind a load balancer that is the service’s alone', () => {
    const { known, token } = make();
    const balancer = (arn: string): string => arn.split('/').slice(1, 4).join('/');
    const [first, second] = ['First', 'Second'].map((id) => known.rule('listener-rule', token(id), 'checkout'));
    const foreign = known.rule('listener-rule', token('Third'), 'basket');
    expect(balancer(first ?? '')).toBe(balancer(second ?? ''));
    expect(balancer(first ?? '')).not.toBe(balancer(foreign));
  });
});
