import { format, inspect } from 'node:util';
import { ownFrames } from '../errors.ts';
import type { Host, LogLevel } from '../host.ts';

/** The runtime's console: every line goes to the function's log. */
export function virtualConsole(host: Host): Record<string, (...args: unknown[]) => void> {
  const at =
    (level: LogLevel) =>
    (...args: unknown[]) =>
      host.log(level, ownFrames(format(...args)));
  return {
    log: at('INFO'),
    info: at('INFO'),
    debug: at('DEBUG'),
    trace: at('TRACE'),
    warn: at('WARN'),
    error: at('ERROR'),
    dir: (value, options) => host.log('INFO', inspect(value, options as object)),
    table: (value) => host.log('INFO', inspect(value)),
    assert: (condition, ...args) => {
      if (!condition) host.log('ERROR', `Assertion failed${args.length > 0 ? `: ${format(...args)}` : ''}`);
    },
    group: at('INFO'),
    groupEnd: () => undefined,
    time: () => undefined,
    timeEnd: () => undefined,
  };
}
