import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSyntaxError, parseJson } from '../../lib/config/json.ts';

describe('the JSON reader', () => {
  test('agrees with the platform on every document', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, 2), (text, indent) => {
        const source = JSON.stringify(JSON.parse(text), null, indent);
        const { value, notes } = parseJson(source);
        // Numbers beyond what a double keeps become text, with a note; JSON.stringify writes none of those.
        expect(notes).toEqual([]);
        expect(value).toEqual(JSON.parse(source));
        expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(source)));
      }),
    );
  });

  test('refuses what the platform refuses, and says where', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', '"', '\\', 'x', '0'),
        (text, at, extra) => {
          const cut = text.length === 0 ? 0 : at % text.length;
          const source = text.slice(0, cut) + extra + text.slice(cut + 1);
          let sound = true;
          try {
            JSON.parse(source);
          } catch {
            sound = false;
          }
          try {
            parseJson(source);
            expect(sound).toBe(true);
          } catch (error) {
            if (!(error instanceof JsonSyntaxError)) throw error;
            // A key that stands twice is the one thing that we refuse and the platform does not.
            expect(sound && !error.message.includes('each key once')).toBe(false);
            expect(error.offset).toBeLessThanOrEqual(source.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each<[string, unknown, boolean]>([
    ['1.50', 1.5, false],
    ['1e3', 1000, false],
    ['0.1', 0.1, false],
    ['-0', -0, false],
    ['100000000000000000000000', 1e23, false],
    ['9007199254740993', '9007199254740993', true],
    ['1e999', '1e999', true],
    ['3.14159265358979323846', '3.14159265358979323846', true],
    ['1e-999', '1e-999', true],
  ])('%s is %j', (literal, value, noted) => {
    const reading = parseJson(literal);
    expect(reading.value).toBe(value);
    expect(reading.notes).toHaveLength(noted ? 1 : 0);
  });

  test('a key called __proto__ is data', () => {
    const { value } = parseJson('{"__proto__": {"admin": true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
  });

  test('nesting has an end', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(
      'line 1, column 201: found "[", allowed: at most 200 levels of nesting',
    );
  });
});
