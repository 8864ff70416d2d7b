import { describe, expect, test } from 'vitest';
import { managerOf } from '../../../lib/domain/drift/managers.ts';
import type { Tag } from '../../../lib/domain/model.ts';

const by = (tags: Record<string, string> | undefined) =>
  managerOf('arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout', tags && tagged(tags));
const tagged = (tags: Record<string, string>): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }));

describe('who manages a resource', () => {
  test('CloudFormation says itself, with stack and logical ID', () => {
    const tags = { 'aws:cloudformation:stack-name': 'shop', 'aws:cloudformation:logical-id': 'CheckoutService12AB' };
    expect(by(tags)).toMatchObject({ by: 'cloudformation', stack: 'shop', logicalId: 'CheckoutService12AB' });
    expect(by({ 'aws:cloudformation:stack-name': 'shop' })).not.toHaveProperty('logicalId');
  });

  test.each([
    ['ManagedBy', 'Terraform'],
    ['managed-by', 'terraform'],
    ['managed_by', 'OpenTofu'],
    ['provisioner', 'terraform v1.9'],
    ['IaC', 'terraform'],
  ])('a team says Terraform by a convention: %s=%s', (key, value) => {
    expect(by({ [key]: value })).toMatchObject({ by: 'terraform', evidence: expect.stringContaining('convention') });
  });

  test('CloudFormation is proof, a convention is not', () => {
    expect(by({ ManagedBy: 'terraform', 'aws:cloudformation:stack-name': 'shop' }).by).toBe('cloudformation');
  });

  test.each([[{}], [{ team: 'terraform' }], [{ ManagedBy: 'ann' }], [{ ManagedBy: 'not terraform' }]])(
    'nothing is guessed from %o',
    (tags) => {
      expect(by(tags)).toMatchObject({ by: 'unknown', evidence: 'No tag of it says who manages it.' });
    },
  );

  test('tags that could not be read are not no tags', () => {
    expect(by(undefined)).toMatchObject({ by: 'unknown', evidence: 'Its tags could not be read.' });
  });
});
