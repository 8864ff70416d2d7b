import { createHash } from 'node:crypto';
import { Random } from '../random.ts';
import { type Bindings, compile } from './expression.ts';

interface Surroundings {
  readonly random: Random;
  /** Milliseconds since the epoch, virtual. */
  now(): number;
}

/**
 * The functions Step Functions adds to JSONata, and those it takes away: `$eval` is no function, `$now` and `$millis`
 * are virtual, `$random` takes a seed. [docs: "JSONata functions provided by Step Functions"]
 */
export function builtinFunctions({ random, now }: Surroundings): Bindings {
  return {
    eval: undefined,
    millis: () => now(),
    now: (picture?: string, timezone?: string) =>
      picture === undefined
        ? new Date(now()).toISOString()
        : compile('$fromMillis($ms, $picture, $timezone)').evaluate(undefined, { ms: now(), picture, timezone }),
    parse: (text: unknown) => (text === undefined ? undefined : JSON.parse(requireString('parse', text))),
    partition,
    range,
    hash,
    uuid: () => random.uuid(),
    random: (seed?: number) => (seed === undefined ? random.next() : new Random(Math.trunc(seed)).next()),
  };
}

function partition(items: unknown, size: unknown): unknown[][] {
  const list = Array.isArray(items) ? items : [items];
  if (typeof size !== 'number' || size < 1) throw new Error('$partition needs a chunk size of 1 or more.');
  const whole = Math.trunc(size);
  return Array.from({ length: Math.ceil(list.length / whole) }, (_, index) =>
    list.slice(index * whole, (index + 1) * whole),
  );
}

/** At most 1,000 numbers, as the service allows. */
function range(first: unknown, last: unknown, step: unknown): number[] {
  if (typeof first !== 'number' || typeof last !== 'number' || typeof step !== 'number' || step === 0) {
    throw new Error('$range needs three numbers, the step not zero.');
  }
  const length = Math.floor((last - first) / step) + 1;
  if (length > 1000) throw new Error('$range makes at most 1000 numbers.');
  return Array.from({ length: Math.max(0, length) }, (_, index) => first + index * step);
}

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

function hash(value: unknown, algorithm: unknown): string {
  const name = algorithms[String(algorithm)];
  if (!name) throw new Error(`$hash knows ${Object.keys(algorithms).join(', ')}, not '${String(algorithm)}'.`);
  return createHash(name)
    .update(typeof value === 'string' ? value : JSON.stringify(value))
    .digest('hex');
}

function requireString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new Error(`$${name} needs a string.`);
  return value;
}
