/**
 * Options of every SDK client. A call answers or fails within seconds, because Step Functions does the waiting and
 * repeats the whole Lambda: three attempts of at most four seconds stay far below a Lambda's 60.
 */
export const clientOptions = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
} as const;

/** For what a cure would like to know and does not wait long for: two attempts of at most two seconds. */
export const quickOptions = {
  ...clientOptions,
  maxAttempts: 2,
  requestHandler: { ...clientOptions.requestHandler, requestTimeout: 2_000 },
} as const;
