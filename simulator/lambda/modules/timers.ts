import type { TimerFunctions } from '../globals/timers.ts';

/** `node:timers/promises`: the waiting forms of `setTimeout` and `setImmediate`. */
export function timersPromises(timers: TimerFunctions): Record<string, unknown> {
  const wait = (delay?: number, value?: unknown, options: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      const abort = () => {
        timers.clearTimeout(timer);
        reject(
          Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
            name: 'AbortError',
            code: 'ABORT_ERR',
          }),
        );
      };
      const timer = timers.setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, delay);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  return {
    setTimeout: wait,
    setImmediate: (value?: unknown) => new Promise((resolve) => timers.setImmediate(() => resolve(value))),
    scheduler: { wait: (delay: number, options?: { signal?: AbortSignal }) => wait(delay, undefined, options) },
  };
}
