/**
 * An outage of something that all services need looks like a bad release to each of them. When nearly all of them alarm
 * at once and most have released nothing, a release is not what they have in common.
 */
import { type AlarmView, serviceOfAlarm } from './backing.ts';

/** Minutes between two alarms that count as one moment: their windows differ, and so do their seconds of evaluation. */
export const momentMinutes = 5;
/** Of the environment's services, this share must alarm. */
export const alarmingShare = 0.8;

export interface AlarmingServices {
  /** Without the service that is judged. */
  readonly others: readonly string[];
  /** Of the environment, the judged one included. */
  readonly total: number;
}

/**
 * The other services with an alarm that went on within minutes of this one; undefined where too few did for an external
 * cause, so that nobody has to be asked about their releases.
 *
 * @param alarms of the environment, those in ALARM
 * @param total services of the environment that have alarms
 */
export function alarmingTogether(
  environment: string,
  service: string,
  since: string,
  alarms: readonly AlarmView[],
  total: number,
): AlarmingServices | undefined {
  const moment = alarms.filter(
    (alarm) =>
      alarm.state === 'ALARM' && Math.abs(Date.parse(alarm.since) - Date.parse(since)) <= momentMinutes * 60_000,
  );
  const services = new Set(moment.flatMap(({ name }) => serviceOfAlarm(environment, name) ?? []));
  services.delete(service);
  const alarming = services.size + 1;
  if (alarming < 2 || alarming < alarmingShare * total) return undefined;
  return { others: [...services].sort(), total };
}

/**
 * Why the cause lies outside, in words; undefined where enough of the alarming services have a release of their own to
 * blame. With two services and one released, the release may well have broken both.
 *
 * @param asked how many of the others were asked for releases, and how many have one inside the attribution window
 * @param ownRelease true where the judged service has one
 */
export function externalCause(
  { others, total }: AlarmingServices,
  asked: { readonly services: number; readonly released: number },
  ownRelease: boolean,
): string | undefined {
  const alarming = others.length + 1;
  const blamed = asked.released + (ownRelease ? 1 : 0);
  if (blamed * 2 >= asked.services + 1) return undefined;
  const named = others.slice(0, 5).join(', ') + (others.length > 5 ? ', …' : '');
  return (
    `${alarming} of ${total} services alarm within ${momentMinutes} minutes of each other (also ${named}), and ` +
    `${blamed} of ${asked.services + 1} have a recent release: the cause lies outside of this service's release.`
  );
}
