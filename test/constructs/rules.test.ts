import { expect, test } from 'vitest';
import { chunkPattern } from '../../lib/constructs/rules.ts';

const arns = Array.from({ length: 100 }, (_, i) => `arn:aws:ecs:eu-west-1:111122223333:service/shop/service-${i}`);

test('every ARN lands in exactly one pattern, in order', () => {
  expect(chunkPattern(arns).flat()).toEqual(arns);
});

test('every pattern fits into the 2,048 characters that EventBridge takes', () => {
  const chunks = chunkPattern(arns);
  expect(chunks.length).toBeGreaterThan(1);
  for (const resources of chunks) {
    const pattern = { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'], resources };
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2_048);
  }
});

test('nothing to watch needs no rule', () => {
  expect(chunkPattern([])).toEqual([]);
});
