import { StateFailure } from './failure.ts';

/** Bytes of a state's input, output, arguments or result. */
export const dataLimit = 262_144;
export const historyLimit = 25_000;

/** Serializes data that is about to pass. @throws StateFailure States.DataLimitExceeded */
export function carried(value: unknown, what: string): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > dataLimit) {
    throw new StateFailure(
      'States.DataLimitExceeded',
      `${what} with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return text;
}
