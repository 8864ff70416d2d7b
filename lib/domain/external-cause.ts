/**
 * An outage of something that all services need looks like a bad release to each of them. When nearly all of them alarm,
 * or fail, in the same minutes and most have released nothing, a release is not what they have in common.
 */
import { type AlarmView, serviceOfAlarm } from './backing.ts';
import type { JudgedNeighbours } from './neighbours.ts';

/** Minutes between two alarms that count as one moment: their windows differ, and so do their seconds of evaluation. */
export const momentMinutes = 5;
/** Of the environment's services, this share must be in trouble. */
export const troubledShare = 0.8;
/** Neighbours with enough requests to tell, below which their numbers are an anecdote. */
export const judgedNeighbours = 2;
/** A release that began so shortly before the trouble may be what all of them fail from. */
export const soonMinutes = 5;

export interface TroubledServices {
  /** Without the service that is judged. */
  readonly others: readonly string[];
  /** Of which so many could be in trouble, the judged one included. */
  readonly total: number;
  /** What they do, in words. */
  readonly how: string;
}

/**
 * The other services with an alarm that went on within minutes of this one, in order.
 *
 * @param alarms of the environment, those in ALARM
 */
export function alarmingServices(
  environment: string,
  service: string,
  since: string,
  alarms: readonly AlarmView[],
): string[] {
  const moment = alarms.filter(
    (alarm) =>
      alarm.state === 'ALARM' && Math.abs(Date.parse(alarm.since) - Date.parse(since)) <= momentMinutes * 60_000,
  );
  const services = new Set(moment.flatMap(({ name }) => serviceOfAlarm(environment, name) ?? []));
  services.delete(service);
  return [...services].sort();
}

/**
 * Undefined where too few alarm for an external cause, so that nobody has to be asked about their releases.
 *
 * @param alarming other services that alarm within minutes of the judged one
 * @param total services of the environment that have alarms
 */
export function alarmingTogether(alarming: readonly string[], total: number): TroubledServices | undefined {
  return nearlyAll(alarming, total, `alarm within ${momentMinutes} minutes of each other`);
}

/** The same from what the load balancer counted: alarms are looked at one after the other, requests fail at once. */
export function failingTogether(
  { failing, judged }: JudgedNeighbours,
  alarming: readonly string[],
): TroubledServices | undefined {
  if (judged.length < judgedNeighbours) return undefined;
  const others = [...new Set([...failing, ...alarming])].sort();
  const total = new Set([...judged, ...alarming]).size + 1;
  return nearlyAll(others, total, 'fail in the same minutes');
}

function nearlyAll(others: readonly string[], total: number, how: string): TroubledServices | undefined {
  const troubled = others.length + 1;
  return troubled < 2 || troubled < troubledShare * total ? undefined : { others, total, how };
}

/**
 * Why the cause lies outside, in words; undefined where enough of the troubled services have a release of their own to
 * blame. With two services and one released, the release may well have broken both.
 *
 * @param asked how many of the others were asked for releases, and how many have one inside the attribution window
 * @param ownRelease true where the judged service has one
 */
export function externalCause(
  { others, total, how }: TroubledServices,
  asked: { readonly services: number; readonly released: number },
  ownRelease: boolean,
): string | undefined {
  const blamed = asked.released + (ownRelease ? 1 : 0);
  if (blamed * 2 >= asked.services + 1) return undefined;
  const named = others.slice(0, 5).join(', ') + (others.length > 5 ? ', …' : '');
  return (
    `${others.length + 1} of ${total} services ${how} (also ${named}), and ` +
    `${blamed} of ${asked.services + 1} have a recent release: the cause lies outside of this service's release.`
  );
}

/**
 * Services that call the released one fail with it, and have released nothing either. Only time tells the two apart: an
 * outage seldom begins in the very minutes of a release. In words; undefined where the release had served for longer.
 *
 * @param releasedAt when the release began
 * @param troubleSince when the trouble began, as far as the alarm's bad minutes say
 */
export function releaseMayBeTheCause(releasedAt: string, troubleSince: string): string | undefined {
  const minutes = (Date.parse(troubleSince) - Date.parse(releasedAt)) / 60_000;
  if (minutes > soonMinutes) return undefined;
  return (
    `But the trouble began within ${soonMinutes} minutes of this service's release at ${releasedAt}, and what calls it ` +
    'would fail with it: a person decides.'
  );
}
