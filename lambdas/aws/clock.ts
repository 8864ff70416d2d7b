/** The one place where a Lambda reads the clock for elapsed time; decisions take `now` from the invocation. */
export const nowMs = (): number => Date.now();
