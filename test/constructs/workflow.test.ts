/** What the definition itself must promise, whatever runs in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { settleSeconds } from '../../lib/domain/lock.ts';
import { timeoutRange } from '../../lib/domain/request.ts';
import { reapSeconds } from '../../lib/domain/sweep.ts';
import { overtimeSeconds } from '../../lib/domain/verification.ts';

const root = join(import.meta.dirname, '../..');
const read = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

interface Definition {
  readonly TimeoutSeconds: number;
  readonly States: Record<string, { readonly Catch?: readonly { readonly Assign?: Record<string, unknown> }[] }>;
}
const definition = read<Definition>('statemachines/rollback.asl.json');

/** Every schema of a property with this name. */
function schemasOf(node: unknown, name: string): { maximum?: number }[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = Object.entries(node).flatMap(([key, value]) => (key === name && 'maximum' in value ? [value] : []));
  return [...own, ...Object.values(node).flatMap((value) => schemasOf(value, name))];
}

test('the execution outlasts the longest mitigation and bake that may be configured: after a time-out nothing reports', () => {
  const bakes = schemasOf(read('schema/backstep.schema.json'), 'bakeMinutes').map(({ maximum = 0 }) => maximum);
  expect(bakes.length).toBeGreaterThan(0);
  const longest = timeoutRange.maximum + Math.max(...bakes) * 60 + overtimeSeconds;
  expect(definition.TimeoutSeconds).toBeGreaterThan(longest + 600);
});

describe('what takes up a rollback that broke off', () => {
  const reap = read<{ States: Record<string, { Seconds?: number; Type: string }> }>('statemachines/reap.asl.json');

  test('waits for as long as a Lambda of it may run', () => {
    expect(reap.States.Settle).toMatchObject({ Type: 'Wait', Seconds: settleSeconds });
  });

  test('is given time before the sweep tells that nobody took it up', () => {
    expect(reapSeconds).toBeGreaterThan(10 * settleSeconds);
  });
});

test.each(['rollback', 'reap'])('no state of %s repeats what IAM has refused', (machine) => {
  type Task = { Type: string; Retry?: { ErrorEquals: string[]; MaxAttempts?: number }[] };
  const { States } = read<{ States: Record<string, Task> }>(`statemachines/${machine}.asl.json`);
  const tasks = Object.entries(States).filter(([, { Type }]) => Type === 'Task');
  expect(tasks.length).toBeGreaterThan(2);
  for (const [name, { Retry = [] }] of tasks) {
    expect(Retry[0], name).toMatchObject({ MaxAttempts: 0 });
    expect(Retry[0]?.ErrorEquals, name).toEqual(expect.arrayContaining(['AccessDenied', 'AccessDeniedException']));
  }
});

describe('an error without a cause', () => {
  // Error outputs need no Cause: that of a time-out is empty or missing. An expression that finds nothing fails the
  // execution on the spot, without a report and with the lock held.
  const catchers = Object.entries(definition.States).flatMap(([state, { Catch = [] }]) =>
    Catch.flatMap(({ Assign }) => (Assign ? [[state, Assign] as const] : [])),
  );
  test.each(catchers)('is still assigned by the catcher of %s', async (_state, assign) => {
    const found = expressions(assign);
    expect(found.length).toBeGreaterThan(0);
    for (const expression of found) {
      const bindings = { states: { errorOutput: { Error: 'States.Timeout' } } };
      expect(await jsonata(expression).evaluate({}, bindings), expression).toEqual(expect.any(String));
    }
  });
});

function expressions(template: unknown): string[] {
  if (typeof template === 'string') return /^\{% (.*) %\}$/.exec(template)?.slice(1) ?? [];
  return typeof template === 'object' && template !== null ? Object.values(template).flatMap(expressions) : [];
}
