import { promisify } from 'node:util';
import type { Host } from '../host.ts';

type Callback = (...args: unknown[]) => void;

/** What `setTimeout` and `setInterval` return in Node: an object that also passes as a number. */
class VirtualTimeout {
  readonly id: number;
  readonly #restart: () => void;
  readonly #clear: () => void;

  constructor(id: number, restart: () => void, clear: () => void) {
    this.id = id;
    this.#restart = restart;
    this.#clear = clear;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.#restart();
    return this;
  }

  close(): this {
    this.#clear();
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  [Symbol.dispose](): void {
    this.#clear();
  }
}

/** Node's timer functions on virtual time. */
export function timerFunctions(host: Host) {
  const active = new Map<number, { cancel(): void }>();
  let count = 0;

  const guarded = (callback: Callback, args: unknown[]) => () => {
    try {
      callback(...args);
    } catch (error) {
      host.crash({ error });
    }
  };

  const start = (callback: Callback, delayMs: number, repeat: boolean, args: unknown[]): VirtualTimeout => {
    const id = ++count;
    const run = guarded(callback, args);
    const schedule = (): void => {
      active.get(id)?.cancel();
      const fire = (): void => {
        if (repeat) schedule();
        else active.delete(id);
        run();
      };
      active.set(id, host.after(delayMs, fire));
    };
    schedule();
    return new VirtualTimeout(id, schedule, () => clear(id));
  };

  const clear = (timer: unknown): void => {
    if (timer === undefined || timer === null) return;
    const id = Number(timer);
    active.get(id)?.cancel();
    active.delete(id);
  };

  const setTimeout = (callback: Callback, delay?: number, ...args: unknown[]) =>
    start(callback, wholeDelay(delay), false, args);
  const setInterval = (callback: Callback, delay?: number, ...args: unknown[]) =>
    start(callback, wholeDelay(delay), true, args);
  const setImmediate = (callback: Callback, ...args: unknown[]) => start(callback, 0, false, args);

  Object.defineProperty(setTimeout, promisify.custom, {
    value: (delay?: number, value?: unknown) => new Promise((resolve) => setTimeout(() => resolve(value), delay)),
  });
  Object.defineProperty(setImmediate, promisify.custom, {
    value: (value?: unknown) => new Promise((resolve) => setImmediate(() => resolve(value))),
  });

  return { setTimeout, setInterval, setImmediate, clearTimeout: clear, clearInterval: clear, clearImmediate: clear };
}

export type TimerFunctions = ReturnType<typeof timerFunctions>;

/** Node's rule: whole milliseconds, at least one, and one where the value makes no sense. */
function wholeDelay(delay: number | undefined): number {
  const ms = Math.trunc(Number(delay));
  return ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1;
}
