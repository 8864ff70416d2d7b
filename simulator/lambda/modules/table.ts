import * as assert from 'node:assert';
import * as asyncHooks from 'node:async_hooks';
import * as buffer from 'node:buffer';
import * as childProcess from 'node:child_process';
import * as diagnosticsChannel from 'node:diagnostics_channel';
import * as events from 'node:events';
import * as fs from 'node:fs';
import * as fsPromisesReal from 'node:fs/promises';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import * as querystring from 'node:querystring';
import * as stream from 'node:stream';
import * as streamPromises from 'node:stream/promises';
import * as streamWeb from 'node:stream/web';
import * as stringDecoder from 'node:string_decoder';
import * as tls from 'node:tls';
import * as url from 'node:url';
import * as util from 'node:util';
import { cryptoModule } from '../globals/crypto.ts';
import type { TimerFunctions } from '../globals/timers.ts';
import type { Host } from '../host.ts';
import { fsModule, fsPromises } from './fs.ts';
import { httpModule } from './http.ts';
import { osModule } from './os.ts';
import { covering } from './refused.ts';
import { timersPromises } from './timers.ts';
import { zlibModule } from './zlib.ts';

type Exports = Readonly<Record<string, unknown>>;
type Maker = () => object;

/**
 * Node's built-in modules as a function may import them. Those that only compute are Node's own; those that touch
 * time, randomness, network, files or the machine are virtual; the rest does not resolve.
 */
export class BuiltinModules {
  readonly #makers: Readonly<Record<string, Maker>>;
  readonly #made = new Map<string, Exports>();

  constructor(host: Host, timers: TimerFunctions, process: object) {
    this.#makers = {
      assert: () => assert,
      async_hooks: () => asyncHooks,
      buffer: () => buffer,
      child_process: () => covering('node:child_process', childProcess, {}),
      crypto: () => cryptoModule(host),
      diagnostics_channel: () => diagnosticsChannel,
      events: () => events,
      fs: () => covering('node:fs', fs, fsModule()),
      'fs/promises': () => covering('node:fs/promises', fsPromisesReal, fsPromises()),
      http: () => covering('node:http', http, httpModule(host, 'http:')),
      http2: () => covering('node:http2', http2, {}),
      https: () => covering('node:https', https, httpModule(host, 'https:')),
      module: () => ({ createRequire: () => this.#require }),
      net: () => covering('node:net', net, {}),
      os: () => covering('node:os', os, osModule()),
      path: () => path,
      process: () => process,
      querystring: () => querystring,
      stream: () => stream,
      'stream/promises': () => streamPromises,
      'stream/web': () => streamWeb,
      string_decoder: () => stringDecoder,
      timers: () => ({ ...timers }),
      'timers/promises': () => timersPromises(timers),
      tls: () => covering('node:tls', tls, {}),
      url: () => url,
      util: () => util,
      zlib: () => zlibModule(),
    };
  }

  /** Exports of a built-in, `default` among them. @throws Error naming a module that is not there */
  load(specifier: string): Exports {
    const name = specifier.replace(/^node:/, '');
    const known = this.#made.get(name);
    if (known) return known;
    const make = Object.hasOwn(this.#makers, name) ? this.#makers[name] : undefined;
    if (!make) throw new Error(`The simulated Lambda runtime has no module '${specifier}'.`);
    const made = make() as Exports;
    const exports = 'default' in made ? made : { ...namedExports(made), default: made };
    this.#made.set(name, exports);
    return exports;
  }

  readonly #require = (specifier: string): unknown => {
    const exports = this.load(specifier);
    return exports.default;
  };
}

/** A `process` object is an emitter: its methods are inherited, and `env` and the like are its own. */
function namedExports(made: Exports): Exports {
  return Object.fromEntries(
    Object.keys(made)
      .filter((key) => /^[A-Za-z$][\w$]*$/.test(key))
      .map((key) => [key, made[key]]),
  );
}
