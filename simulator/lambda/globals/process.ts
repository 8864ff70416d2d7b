import { EventEmitter } from 'node:events';
import type { Host } from '../host.ts';

/** Version that the runtime `nodejs24.x` reports. */
export const runtimeVersion = 'v24.11.0';

/** `process` as a function finds it: its own environment variables, virtual uptime, nothing of this machine. */
export function virtualProcess(host: Host): object {
  const bornMs = host.now();
  const elapsedNs = (): bigint => BigInt(Math.round((host.now() - bornMs) * 1e6));
  const hrtime = Object.assign(
    (since?: [number, number]): [number, number] => {
      const ns = elapsedNs() - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n);
      return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
    },
    { bigint: elapsedNs },
  );
  const exit = (code = 0): never => {
    host.crash({ exitCode: code });
    throw new Error(`process.exit(${code})`);
  };
  const emitter = new EventEmitter();
  return Object.assign(emitter, {
    env: { ...host.environment },
    version: runtimeVersion,
    versions: { node: runtimeVersion.slice(1), v8: '13.6.233.10-node.28', openssl: '3.0.17' },
    release: { name: 'node', lts: 'Krypton' },
    platform: 'linux',
    arch: 'arm64',
    pid: 8,
    ppid: 1,
    title: 'node',
    execPath: '/var/lang/bin/node',
    execArgv: [],
    argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
    features: {},
    config: {},
    cwd: () => '/var/task',
    uptime: () => (host.now() - bornMs) / 1000,
    hrtime,
    nextTick: process.nextTick,
    emitWarning: () => undefined,
    memoryUsage: Object.assign(() => memory, { rss: () => memory.rss }),
    geteuid: () => 993,
    getuid: () => 993,
    stdout: writable((text) => host.log('INFO', text)),
    stderr: writable((text) => host.log('ERROR', text)),
    exit,
  });
}

const memory = { rss: 80e6, heapTotal: 40e6, heapUsed: 30e6, external: 3e6, arrayBuffers: 1e5 };

function writable(log: (text: string) => void) {
  const write = (chunk: unknown): boolean => {
    log(String(chunk).replace(/\n$/, ''));
    return true;
  };
  return { write, isTTY: false, on: () => undefined, once: () => undefined };
}
