/**
 * What a pipeline has to know of drift, as one event when it begins and one when a later release ends it; and the item of
 * the table that remembers it in between, so that a pipeline may ask instead of listen.
 */
import { familyRevision } from '../ecs.ts';
import type { Plan, Release, RollbackContext } from '../model.ts';
import type { Drift } from './drift.ts';

/** `detail-type` of the two events. */
export const driftBegins = 'Backstep Drift';
export const driftEnds = 'Backstep Drift Ended';

/** The earlier release that a side is held on. */
export interface Pinned {
  /** Name of the side, or of the companion. */
  readonly side: string;
  readonly companion?: true;
  /** ARN of the task definition that is declared in all likelihood, and that was rolled back. */
  readonly from: string;
  /** ARN of the one that serves now. */
  readonly to: string;
}

/** `detail` of the event, and the item. */
export interface DriftNotice {
  readonly service: string;
  readonly environment: string;
  readonly rollbackId: string;
  readonly pinned: readonly Pinned[];
  /** Kinds of drift, e.g. `task definition`, `weights`. */
  readonly kinds: readonly string[];
  /** When it began, ISO 8601. */
  readonly since: string;
  /** When all of it ends by itself, ISO 8601; null where a later release has to end it. */
  readonly until: string | null;
}

/** `detail` of the event that a later release ends it. */
export interface DriftEnd {
  readonly service: string;
  readonly environment: string;
  readonly rollbackId: string;
  readonly since: string;
  readonly endedAt: string;
  readonly by: { readonly side: string; readonly version: string; readonly taskDefinition: string };
  /** The release that was rolled back is what is in service again. */
  readonly rolledBackIsBack: boolean;
}

/** Undefined where nothing drifts. */
export function driftNotice(
  drifts: readonly Drift[],
  { context, plan, now }: { readonly context: RollbackContext; readonly plan: Plan; readonly now: string },
): DriftNotice | undefined {
  if (drifts.length === 0) return undefined;
  const { service, environment, rollbackId } = context;
  const ends = drifts.map(({ endsAt }) => endsAt);
  const all = ends.filter((end) => end !== undefined);
  return {
    service,
    environment,
    rollbackId,
    pinned: pinnedBy(drifts, plan),
    kinds: [...new Set(drifts.map(({ kind }) => kind))],
    since: now,
    until: all.length === ends.length ? (all.sort().at(-1) ?? null) : null,
  };
}

/** Each side that was reverted; and where only traffic moved, the side that it moved to. */
function pinnedBy(drifts: readonly Drift[], { actions, suspect, target, companions }: Plan): Pinned[] {
  const reverted = drifts.flatMap(({ kind, running, side }): Pinned[] => {
    const action = actions.find((one) => one.type === 'RevertService' && one.side === side);
    if (kind !== 'task definition' || action?.type !== 'RevertService' || running === undefined) return [];
    const follows = companions?.some(({ companion }) => companion === side);
    const from = action.reverse.taskDefinition;
    return [{ side: action.side, ...(follows && { companion: true }), from, to: running }];
  });
  const shift = actions.findLast((one) => one.type === 'ShiftTraffic');
  const moved = drifts.some(({ kind }) => kind === 'weights');
  if (!moved || !shift || !suspect || !target || reverted.some(({ side }) => side === shift.toSide)) return reverted;
  return [...reverted, { side: shift.toSide, from: suspect.taskDefinition, to: target.taskDefinition }];
}

/** False once all of it has ended by itself. */
export const isOpen = ({ until }: DriftNotice, nowMs: number): boolean => until === null || Date.parse(until) > nowMs;

/**
 * With what an earlier rollback holds and this one did not touch: a companion, or the sides where this one put back companions
 * alone. Saying it again changes nothing.
 *
 * @param earlier undefined where there is none, or a release has ended it
 */
export function withEarlier(notice: DriftNotice, earlier: DriftNotice | undefined): DriftNotice {
  const sides = notice.kinds.includes('weights') || notice.pinned.some(({ companion }) => !companion);
  const held = (earlier?.pinned ?? []).filter(
    ({ side, companion }) => (companion || !sides) && !notice.pinned.some((one) => one.side === side),
  );
  if (!earlier || held.length === 0) return notice;
  // The others end by themselves.
  const stay = earlier.kinds.filter((kind) => kind !== 'scaling' && kind !== 'stickiness');
  const kinds = [...new Set([...stay, ...notice.kinds])];
  return { ...notice, pinned: [...held, ...notice.pinned], kinds, until: null };
}

export interface CompletedRelease extends Pick<Release, 'side' | 'version' | 'taskDefinition' | 'deployedAt'> {
  /** It is one of a companion. */
  readonly companion?: boolean;
}

/** What a deployment that has completed means for it; undefined where it goes on. */
export function driftEnd(notice: DriftNotice, release: CompletedRelease, now: string): DriftEnd | undefined {
  const { service, environment, rollbackId, since, pinned } = notice;
  // What was deployed before the rollback ended is its own doing, or is told late.
  if (release.deployedAt <= since) return undefined;
  if (pinned.some(({ side, to }) => side === release.side && to === release.taskDefinition)) return undefined;
  // A companion's own release ends what is about that companion alone.
  if (release.companion && pinned.some(({ side }) => side !== release.side)) return undefined;
  const { side, version, taskDefinition } = release;
  return {
    service,
    environment,
    rollbackId,
    since,
    endedAt: now,
    by: { side, version, taskDefinition },
    rolledBackIsBack: pinned.some(({ from }) => from === taskDefinition),
  };
}

/** For people: `checkout is held on shop:41 (main) instead of shop:42`. */
export function describeNotice({ service, pinned, kinds, until }: DriftNotice): string {
  const held = pinned.map(
    ({ side, companion, from, to }) =>
      `${companion ? 'companion' : 'side'} ${side} is on ${familyRevision(to)}, and ${familyRevision(from)} is declared in all likelihood`,
  );
  const what =
    held.length > 0 ? held.join('; ') : `its ${kinds.join(' and ')} differ from what is declared in all likelihood`;
  const end = until === null ? 'until a later release' : `until ${until}`;
  return `Infrastructure as code disagrees with ${service} ${end}: ${what}.`;
}
