import type { TimerFunctions } from './timers.ts';

/** Node's `AbortSignal`, its `timeout` on virtual time. */
export function abortSignal(timers: TimerFunctions): object {
  const Virtual = function AbortSignal() {
    throw new TypeError('Illegal constructor');
  };
  Virtual.prototype = AbortSignal.prototype;
  return Object.assign(Virtual, {
    abort: (reason?: unknown) => AbortSignal.abort(reason),
    any: (signals: AbortSignal[]) => AbortSignal.any(signals),
    timeout: (delay: number) => {
      const controller = new AbortController();
      const message = 'The operation was aborted due to timeout';
      timers.setTimeout(() => controller.abort(new DOMException(message, 'TimeoutError')), delay);
      return controller.signal;
    },
  });
}
