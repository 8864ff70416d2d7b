import vm from 'node:vm';
import type { Host } from '../host.ts';
import { abortSignal } from './abort.ts';
import { virtualConsole } from './console.ts';
import { webCrypto } from './crypto.ts';
import { installDate } from './date.ts';
import { virtualFetch } from './fetch.ts';
import type { TimerFunctions } from './timers.ts';

/** A fresh realm with the globals of Lambda's Node.js, everything that could leave virtual time replaced. */
export function createRealm(host: Host, timers: TimerFunctions, process: unknown): vm.Context {
  const bornMs = host.now();
  const context = vm.createContext({
    ...timers,
    AbortController,
    AbortSignal: abortSignal(timers),
    // One realm's typed arrays for both sides: Buffers and stream chunks come from outside the context.
    ArrayBuffer,
    Uint8Array,
    atob,
    Blob,
    btoa,
    Buffer,
    console: virtualConsole(host),
    crypto: webCrypto(host),
    DOMException,
    Event,
    EventTarget,
    fetch: virtualFetch(host),
    FormData,
    Headers,
    performance: {
      now: () => host.now() - bornMs,
      timeOrigin: bornMs,
      mark: () => undefined,
      measure: () => undefined,
    },
    process,
    queueMicrotask,
    ReadableStream,
    Request,
    Response,
    structuredClone,
    TextDecoder,
    TextDecoderStream,
    TextEncoder,
    TextEncoderStream,
    TransformStream,
    URL,
    URLSearchParams,
    WritableStream,
  });
  installDate(context, () => host.now());
  vm.runInContext(realmSetup, context)(() => host.random.next());
  return context;
}

/**
 * `Error[Symbol.hasInstance]`: errors that come from Node's own code belong to the other realm, and a function must
 * still see them as errors.
 */
const realmSetup = `(random) => {
  globalThis.global = globalThis;
  Math.random = random;
  const ordinary = Function.prototype[Symbol.hasInstance];
  const tag = Object.prototype.toString;
  Object.defineProperty(Error, Symbol.hasInstance, {
    value(value) {
      return ordinary.call(this, value) || (this === Error && tag.call(value) === '[object Error]');
    },
  });
}`;
