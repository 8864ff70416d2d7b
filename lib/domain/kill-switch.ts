/**
 * The kill switch: a person's word that nothing may roll back by itself, for the whole environment or for one service.
 * It stops automation, not people: a start by hand goes on, with a warning.
 */
import type { RollbackContext, RollbackRequest } from './model.ts';

/** One switch as it was read. */
export interface SwitchReading {
  /** The parameter's name. */
  readonly name: string;
  /** `off`, or `on`, which may be followed by the reason: `on: migration until 18:00, ask Ann`. */
  readonly value: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

export type KillSwitch =
  | { readonly state: 'off' }
  | { readonly state: 'on'; readonly switches: readonly SwitchReading[]; readonly reason: string }
  | { readonly state: 'unreadable'; readonly reason: string };

/**
 * One that is on is enough. A value that is neither is not taken for `off`: whoever wrote it wanted something.
 *
 * @param environment the switch of the whole environment, which the stack creates; undefined when it is gone
 * @param service the service's own, which most services do not have
 */
export function judgeSwitches(environment: SwitchReading | undefined, service: SwitchReading | undefined): KillSwitch {
  const readings = [environment, service].filter((reading) => reading !== undefined);
  const on = readings.filter(({ value }) => isOn(value));
  if (on.length > 0) return { state: 'on', switches: on, reason: on.map(words).join(' ') };
  if (!environment) {
    return { state: 'unreadable', reason: 'The kill switch of the environment does not exist: deploy Backstep again.' };
  }
  const odd = readings.find(({ value }) => !isOff(value));
  if (odd) {
    const value = odd.value.length > 40 ? `${odd.value.slice(0, 39)}…` : odd.value;
    return { state: 'unreadable', reason: `The kill switch ${odd.name} is "${value}", neither on nor off.` };
  }
  return { state: 'off' };
}

/** Starts that nobody made: those of an alarm, whether they roll back by themselves or only prepare a plan. */
export const isAutomatic = (request: Pick<RollbackRequest, 'trigger'>): boolean => request.trigger !== undefined;

/**
 * Why a rollback under way may change nothing more; undefined while it may. A person who started although the switch
 * was on was warned and meant it; one that was flipped since then is obeyed by everybody. A switch that cannot be read
 * stops no rollback half-way: it was off when the rollback began.
 */
export function mustHalt(
  killSwitch: KillSwitch,
  { request, startedAt }: Pick<RollbackContext, 'request' | 'startedAt'>,
): string | undefined {
  if (killSwitch.state !== 'on') return undefined;
  const flipped = killSwitch.switches.some(({ changedAt }) => Date.parse(changedAt) > Date.parse(startedAt));
  return isAutomatic(request) || flipped ? killSwitch.reason : undefined;
}

const isOn = (value: string): boolean => /^\s*"?on\b/i.test(value);
const isOff = (value: string): boolean => /^\s*"?off\b/i.test(value);

function words({ name, value, changedAt }: SwitchReading): string {
  const why = value.replace(/^\s*"?on\b[\s:,;"-]*/i, '').replace(/"?\s*$/, '');
  return `The kill switch ${name} is on since ${changedAt}${why ? ` ("${why.slice(0, 200)}")` : ''}.`;
}
