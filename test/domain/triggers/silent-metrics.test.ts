/**
 * AWS does not say what FILL makes of a metric without a single point, and a healthy service has such metrics: no 5XX, or a
 * side without targets. Where it may stay empty, only a list is safe: SUM and MAX of one pass over what is missing.
 */
import { expect, test } from 'vitest';
import { availability, balanced, errorRate, responseTime } from '../../../lib/domain/triggers/load-balancer.ts';
import type { ServiceFacts } from '../../../lib/domain/triggers/trigger.ts';
import { oneSide, twoGroups, twoSides } from './facts.ts';

const alarmed: [string, ServiceFacts][] = [
  ['one side', oneSide],
  ['one side, shared load balancer', { ...oneSide, sharedLoadBalancer: true }],
  ['two sides', twoSides],
  ['two groups of one side', twoGroups],
  ['two groups, shared load balancer', { ...twoGroups, sharedLoadBalancer: true }],
];

test.each(alarmed)('what FILL gives is only used in lists: %s', (_name, facts) => {
  const behind = balanced(facts);
  if (!behind) throw new Error('Nothing is behind a load balancer.');
  const watches = [...errorRate(facts, behind), ...availability(facts, behind), ...responseTime(facts, behind, 'p95')];
  const expressions = watches.flatMap(({ queries }) => queries.flatMap(({ expression }) => expression ?? []));
  expect(expressions.some((expression) => expression.includes('FILL('))).toBe(true);
  for (const expression of expressions) expect(expression.replace(/\[[^\]]*\]/g, '')).not.toContain('FILL(');
});

test.each(alarmed)('errors are zero, not missing, where no metric of them has a point: %s', (_name, facts) => {
  const behind = balanced(facts);
  if (!behind) throw new Error('Nothing is behind a load balancer.');
  for (const { queries } of [...errorRate(facts, behind), ...availability(facts, behind)]) {
    const errors = queries.find(({ id }) => id === 'errors');
    if (errors) expect(errors.expression).toMatch(/^SUM\(\[TIME_SERIES\(0\), /);
  }
});
