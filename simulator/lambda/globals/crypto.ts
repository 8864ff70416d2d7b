import * as nodeCrypto from 'node:crypto';
import type { Host } from '../host.ts';
import { refusals } from '../modules/refused.ts';

/** `globalThis.crypto` with what settles at once; `subtle` works in threads, which virtual time cannot wait for. */
export function webCrypto(host: Host) {
  return {
    getRandomValues: <T extends ArrayBufferView>(target: T): T => fill(host, target),
    randomUUID: () => host.random.uuid(),
  };
}

/** `node:crypto`: hashes, MACs and ciphers are Node's, randomness is the account's. */
export function cryptoModule(host: Host): Record<string, unknown> {
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void) => {
    const bytes = fill(host, Buffer.alloc(size));
    if (!callback) return bytes;
    process.nextTick(callback, null, bytes);
    return undefined;
  };
  const randomInt = (first: number, second?: number) =>
    second === undefined ? host.random.integer(first) : first + host.random.integer(second - first);
  const real: Record<string, unknown> = { ...nodeCrypto };
  delete real.default;
  delete real.subtle;
  return {
    ...real,
    ...refusals('node:crypto', ['scrypt', 'pbkdf2', 'hkdf', 'generateKey', 'generateKeyPair', 'generatePrime']),
    randomBytes,
    pseudoRandomBytes: randomBytes,
    randomInt,
    randomFillSync: <T extends ArrayBufferView>(target: T) => fill(host, target),
    randomUUID: () => host.random.uuid(),
    getRandomValues: <T extends ArrayBufferView>(target: T) => fill(host, target),
    webcrypto: webCrypto(host),
  };
}

function fill<T extends ArrayBufferView>(host: Host, target: T): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let index = 0; index < bytes.length; index++) bytes[index] = host.random.integer(256);
  return target;
}
