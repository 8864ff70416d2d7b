/** The question to a person and its answer, as the timeline saw them: who was asked and why, who answered and why. */
import type { TimelineEntry } from '../model.ts';
import type { Section } from './content.ts';
import type { ReportFacts } from './facts.ts';

/** Without blocks where nobody was asked. */
export function approvalSection({ plan, timeline }: Pick<ReportFacts, 'plan' | 'timeline'>): Section {
  const requested = timeline.find(({ kind }) => kind === 'approval.requested');
  const answer = timeline.find(({ kind }) => answers.has(kind));
  const because = plan?.asksBecause;
  if (because === undefined || (!requested && !answer)) return { title, blocks: [] };
  const rows: (readonly [string, string])[] = [
    ['Why a person was asked', because],
    ...(requested ? [['Asked', `${at(requested)}. ${requested.message}`] as const] : []),
    ['Answer', answer?.message ?? 'None: the rollback ended before there was one.'],
    ...joined(timeline),
  ];
  return { title, blocks: [{ kind: 'facts', rows }] };
}

const title = 'Approval';

const answers: ReadonlySet<string> = new Set(['approval.approved', 'approval.declined', 'approval.expired']);

/** Other alarms that would have asked the same. */
function joined(timeline: readonly TimelineEntry[]): (readonly [string, string])[] {
  const { length } = timeline.filter(({ kind }) => kind === 'joined');
  return length > 0
    ? [['Joined by', `${length} ${length === 1 ? 'start' : 'starts'} of the same service meanwhile`]]
    : [];
}

const at = ({ time }: TimelineEntry): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
