/**
 * Options of every SDK client. A call answers or fails within seconds, because Step Functions does the waiting and
 * repeats the whole Lambda: three attempts of at most four seconds stay far below a Lambda's 60.
 */
export const clientOptions = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
} as const;
