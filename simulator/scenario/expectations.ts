/** Holds a run's document against what the scenario expects. Pure: the same document gives the same failures. */
import type { Json } from '../../lib/domain/model.ts';
import type { ExecutionDocument, Failure, ScenarioDocument, TimelineDocument } from './document.ts';
import type { Expectations } from './schema.ts';

type Found = Pick<ScenarioDocument, 'executions' | 'account' | 'timeline' | 'calls'>;

export function unmet(expected: Expectations, found: Found): Failure[] {
  return [
    ...executions(expected.executions, found.executions),
    ...account(expected.account, found.account as unknown as Json),
    ...timeline(expected.timeline, found.timeline),
    ...calls(expected.calls, found.calls),
  ];
}

// ---------------------------------------------------------------- executions, all of them, in order

function executions(expected: Expectations['executions'], found: readonly ExecutionDocument[]): Failure[] {
  if (!expected) return [];
  const failures: Failure[] = [];
  if (expected.length !== found.length)
    failures.push({ path: 'executions.length', expected: expected.length, actual: found.length });
  expected.forEach((wanted, index) => {
    const execution = found[index];
    if (!execution) return;
    const actual = summaryOf(execution);
    const path = `executions[${index}]`;
    for (const key of ['service', 'status', 'outcome', 'error'] as const)
      if (wanted[key] !== undefined && wanted[key] !== actual[key])
        failures.push({ path: `${path}.${key}`, expected: wanted[key], actual: actual[key] ?? null });
    if (wanted.reason !== undefined && !actual.reason.includes(wanted.reason))
      failures.push({ path: `${path}.reason`, expected: { contains: wanted.reason }, actual: actual.reason });
  });
  return failures;
}

export interface ExecutionSummary {
  readonly service?: string;
  readonly status: string;
  readonly outcome?: string;
  readonly error?: string;
  /** The outcome's reason; for a failure without an outcome, its cause. */
  readonly reason: string;
}

/** Service, outcome and reason stand in the output, or in the cause of a failed execution; else in its input. */
export function summaryOf(execution: ExecutionDocument): ExecutionSummary {
  const said = [execution.output, execution.cause].find(isObject) ?? {};
  const asked = isObject(execution.input) ? execution.input : {};
  const service = text(said.service) ?? text(asked.service);
  const outcome = text(said.outcome);
  const reason = [said.reason, said.cause].map(text).filter((part) => part !== undefined);
  return {
    ...(service === undefined ? {} : { service }),
    status: execution.status,
    ...(outcome === undefined ? {} : { outcome }),
    ...(execution.error === undefined ? {} : { error: execution.error }),
    reason: reason.length > 0 ? reason.join(' ') : (text(execution.cause) ?? ''),
  };
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

// ---------------------------------------------------------------- account, by dotted path; null is nothing there

function account(expected: Expectations['account'], found: Json): Failure[] {
  return Object.entries(expected ?? {}).flatMap(([path, wanted]) => {
    const actual = valueAt(found, path) ?? null;
    if (same(wanted as Json, actual)) return [];
    return [{ path: `account.${path}`, expected: wanted as Json, actual }];
  });
}

/**
 * The value at a dotted path. Keys may hold dots themselves (host names, ARNs): at each step the longest key that fits
 * the rest of the path is taken.
 */
export function valueAt(value: Json, path: string): Json | undefined {
  if (path === '') return value;
  if (Array.isArray(value))
    return step(
      value,
      path,
      value.map((_, index) => String(index)),
    );
  return isObject(value) ? step(value, path, Object.keys(value)) : undefined;
}

function step(value: Json, path: string, keys: readonly string[]): Json | undefined {
  const fitting = keys.filter((key) => path === key || path.startsWith(`${key}.`)).sort((a, b) => b.length - a.length);
  for (const key of fitting) {
    const next = (value as Record<string, Json>)[key] as Json;
    const found = valueAt(next, path.slice(key.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Equal; of an object only the keys that are named. */
function same(wanted: Json, actual: Json): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(actual) &&
      wanted.length === actual.length &&
      wanted.every((item, index) => same(item, actual[index] as Json))
    );
  if (isObject(wanted))
    return (
      isObject(actual) &&
      Object.entries(wanted).every(([key, item]) => actual[key] !== undefined && same(item, actual[key]))
    );
  return wanted === actual;
}

// ---------------------------------------------------------------- timeline, in order, with gaps

function timeline(expected: Expectations['timeline'], found: readonly TimelineDocument[]): Failure[] {
  let from = 0;
  for (const [index, wanted] of (expected ?? []).entries()) {
    const at = found.findIndex(
      (entry, position) =>
        position >= from &&
        (wanted.service === undefined || entry.service === wanted.service) &&
        (wanted.kind === undefined || entry.kind === wanted.kind) &&
        (wanted.message === undefined || entry.message.includes(wanted.message)),
    );
    if (at < 0)
      return [
        {
          path: `timeline[${index}]`,
          expected: { ...wanted } as Json,
          actual: found.slice(from).map((entry) => `${entry.kind}: ${entry.message}`),
        },
      ];
    from = at + 1;
  }
  return [];
}

// ---------------------------------------------------------------- calls

function calls(expected: Expectations['calls'], found: Readonly<Record<string, number>>): Failure[] {
  return Object.entries(expected ?? {}).flatMap(([call, wanted]) => {
    const actual = found[call] ?? 0;
    return actual === wanted ? [] : [{ path: `calls.${call}`, expected: wanted, actual }];
  });
}
