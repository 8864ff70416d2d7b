/** The one place where a Lambda reads the clock for elapsed time; decisions take `now` from the invocation. */
export const nowMs = (): number => Date.now();

/** ISO 8601, for a Lambda that no state machine tells the time. */
export const isoNow = (): string => new Date(nowMs()).toISOString();
