/** The database's snapshot in a report: what it is called, how far it is, and that it is no way back by itself. */
import type { Plan, StartSnapshotAction, TimelineEntry } from '../model.ts';
import type { SnapshotReading } from '../snapshot.ts';
import type { Section } from './content.ts';
import { actionId } from './steps.ts';

/** The snapshot action that RDS was asked for; undefined where the rollback ended before. */
export function askedSnapshot(plan: Plan | null, timeline: readonly TimelineEntry[]): StartSnapshotAction | undefined {
  const action = plan?.actions.find((candidate) => candidate.type === 'StartSnapshot');
  const asked = timeline.some((entry) => entry.kind.startsWith('action.') && actionId(entry) === action?.id);
  return asked ? action : undefined;
}

/** @example 'rds-snapshot backstep-checkout-20261120-030405-1f2e3d of instance shop-db: available' */
export function snapshotComponent(action: StartSnapshotAction, reading: SnapshotReading): string {
  const { kind, source, snapshot } = action.forward;
  return `rds-snapshot ${snapshot} of ${kind} ${source}: ${stateOf(reading)}`;
}

/** @param moment writes an ISO 8601 time for people */
export function snapshotSection(
  action: StartSnapshotAction,
  reading: SnapshotReading,
  moment: (time: string) => string,
): Section {
  const { kind, source, snapshot } = action.forward;
  const title = 'Database snapshot';
  const view = reading.kind === 'found' ? reading.view : undefined;
  const rows: (readonly [string, string])[] = [
    ['Snapshot', view?.arn || snapshot],
    ['Of', `${kind} ${source}`],
    ['State', `${stateOf(reading)}.`],
    ...(view?.takenAt ? ([['Taken', moment(view.takenAt)]] as const) : []),
    ...(view?.databaseTime ? ([['Last transaction in it', moment(view.databaseTime)]] as const) : []),
  ];
  if (!view) return { title, blocks: [{ kind: 'facts', rows }] };
  const text =
    'It was taken after the release, so it holds what the release wrote: a safety net for what comes next, not the state from ' +
    `before. Restoring always makes a new ${kind} beside this one, which a person compares and switches to: see scripts/database.sh.`;
  return {
    title,
    blocks: [
      { kind: 'facts', rows },
      { kind: 'paragraph', text },
    ],
  };
}

function stateOf(reading: SnapshotReading): string {
  switch (reading.kind) {
    case 'found':
      return reading.view.status === 'creating' ? `creating, ${reading.view.percent} %` : reading.view.status;
    case 'missing':
      return 'there is none';
    case 'unreadable':
      return `RDS could not be asked (${reading.problem})`;
  }
}
