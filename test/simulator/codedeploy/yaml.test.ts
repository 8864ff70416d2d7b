import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseYaml, type Yaml } from '../../../simulator/services/codedeploy/yaml.ts';

it.each<[string, string, Yaml]>([
  ['a map', 'a: 1\nb: two', { a: 1, b: 'two' }],
  ['maps in maps', 'a:\n  b:\n    c: true\nd: null', { a: { b: { c: true } }, d: null }],
  ['a list of scalars', '- a\n- 2\n- "x: y"', ['a', 2, 'x: y']],
  ['a list of maps', 'r:\n  - T:\n      x: 1\n    U: 2\n  - V: 3', { r: [{ T: { x: 1 }, U: 2 }, { V: 3 }] }],
  ['a list as deep as its key', 'r:\n- a: 1\n- b: 2\ns: 3', { r: [{ a: 1 }, { b: 2 }], s: 3 }],
  ['comments, blank lines, quotes', "# c\na: 'it''s' # d\n\nb: \"#\"", { a: "it's", b: '#' }],
  ['values that are JSON', 'a: [1, {"b": 2}]', { a: [1, { b: 2 }] }],
  ['an ARN, which holds colons', 'a: arn:aws:ecs:x:1:y/z:3', { a: 'arn:aws:ecs:x:1:y/z:3' }],
  ['nothing', '', null],
])('%s', (_what, text, value) => {
  expect(parseYaml(text)).toEqual(value);
});

it.each([['a: 1\n   b: 2'], ['just words\nand more'], ['a: "open']])('refuses %j', (text) => {
  expect(() => parseYaml(text)).toThrow(SyntaxError);
});

it('reads back what it was given as nested maps', () => {
  const key = fc.stringMatching(/^[A-Za-z]{1,8}$/);
  const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 :/.-]{0,20}$/));
  const tree = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf, { minKeys: 1 })), { minKeys: 1 });
  const write = (value: object, indent: string): string =>
    Object.entries(value)
      .map(([name, one]) =>
        typeof one === 'object'
          ? `${indent}${name}:\n${write(one, `${indent}  `)}`
          : `${indent}${name}: ${JSON.stringify(one)}`,
      )
      .join('\n');
  fc.assert(
    fc.property(tree, (value) => {
      expect(parseYaml(write(value, ''))).toEqual({ ...value });
    }),
  );
});
