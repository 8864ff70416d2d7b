import { setTimeout as sleep } from 'node:timers/promises';
import { type Arguments, type Io, UsageError } from '../command.ts';
import { isLive } from '../story/style.ts';

/** Waits as long as a reader needs for a line of this weight. */
export type Pace = (weight: number) => Promise<void>;

const ordinaryLineMs = 60;

/** Pauses only where a person watches: a log needs none. */
export function paceOf(flags: Arguments['flags'], io: Io): Pace {
  const speed = flags.speed === undefined ? 1 : Number(flags.speed);
  if (!(speed > 0) || !Number.isFinite(speed))
    throw new UsageError(`--speed: found "${flags.speed}"; allowed: a number above 0, such as 2 or 0.5.`);
  if (flags.fast || !isLive(io)) return () => Promise.resolve();
  return async (weight) => {
    if (weight > 0) await sleep((weight * ordinaryLineMs) / speed);
  };
}
