import * as nodeZlib from 'node:zlib';
import { refusals } from './refused.ts';

type Callback = (error: Error | null, result?: Buffer) => void;

const codecs = [
  'gzip',
  'gunzip',
  'deflate',
  'inflate',
  'deflateRaw',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
];

/** `node:zlib` without threads: the callback forms do their work at once and answer on the next tick. */
export function zlibModule(): Record<string, unknown> {
  made ??= make();
  return made;
}

/** It holds nothing of an environment, so one serves all. */
let made: Record<string, unknown> | undefined;

function make(): Record<string, unknown> {
  const real: Record<string, unknown> = { ...nodeZlib };
  delete real.default;
  const streams = Object.keys(real).filter((name) => /^create/.test(name));
  return {
    ...real,
    ...refusals('node:zlib', streams),
    ...Object.fromEntries(codecs.map((name) => [name, atOnce(real, name)])),
  };
}

function atOnce(real: Record<string, unknown>, name: string) {
  const sync = real[`${name}Sync`] as (input: Buffer, options?: object) => Buffer;
  return (input: Buffer, ...rest: [object, Callback] | [Callback]): void => {
    const callback = rest.at(-1) as Callback;
    const options = rest.length === 2 ? (rest[0] as object) : undefined;
    try {
      process.nextTick(callback, null, sync(input, options));
    } catch (error) {
      process.nextTick(callback, error);
    }
  };
}
