import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { substitute, substituteInJson } from '../../lib/domain/substitution.ts';

describe('substitute', () => {
  test.each([
    ['nothing to replace', 'shop/checkout', { x1: 'y' }, 'shop/checkout'],
    ['every place', 'x1/x1', { x1: 'shop' }, 'shop/shop'],
    ['the longer stand-in before a shorter one in it', 'arn:x1/x2 x1', { x1: 'a', 'arn:x1/x2': 'whole' }, 'whole a'],
    ['dollar signs as they are', 'x1', { x1: '$&$1$$' }, '$&$1$$'],
  ])('%s', (_what, text, values, expected) => {
    expect(substitute(text, values)).toBe(expected);
  });
});

test('a JSON document stays one, whatever the names hold', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (name, before, after) => {
      fc.pre(!`${before}${after}`.includes('stand-in'));
      const json = JSON.stringify({ a: ['stand-in', { b: `${before}stand-in${after}` }] });
      expect(JSON.parse(substituteInJson(json, { 'stand-in': name }))).toEqual({
        a: [name, { b: `${before}${name}${after}` }],
      });
    }),
  );
});
