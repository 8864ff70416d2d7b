import { expect, test } from 'vitest';
import { familyRevision, imageTag, versionOf } from '../../lib/domain/ecs.ts';
import { nearest } from '../../lib/domain/nearest.ts';
import { taskDefinition } from './worlds.ts';

test.each([
  ['shop/checkout:v2.8.0', 'v2.8.0'],
  ['registry.example.com:5000/shop/checkout:v1', 'v1'],
  ['registry.example.com:5000/shop/checkout', undefined],
  ['shop/checkout:v1@sha256:0123', 'v1'],
  ['shop/checkout@sha256:0123', undefined],
  ['nginx', undefined],
])('the tag of %s is %s', (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});

test('a version is the first container’s tag, else the revision', () => {
  const arn = taskDefinition(42);
  expect(
    versionOf(arn, [
      { container: 'app', image: 'shop/checkout:v1' },
      { container: 'proxy', image: 'envoy:v9' },
    ]),
  ).toBe('v1');
  expect(versionOf(arn, [{ container: 'app', image: 'shop/checkout' }])).toBe('checkout:42');
  expect(versionOf(arn, [])).toBe('checkout:42');
  expect(familyRevision(arn)).toBe('checkout:42');
});

test.each([
  ['dryrun', ['dryRun', 'reason'], 'dryRun'],
  ['stategy', ['strategy', 'scope'], 'strategy'],
  ['colour', ['strategy', 'scope'], undefined],
  ['x', [], undefined],
])('nearest to %s in %j is %s', (word, allowed, expected) => {
  expect(nearest(word, allowed)).toBe(expected);
});
