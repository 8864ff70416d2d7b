/** drift.md: for whoever changes the code, while report.md is for whoever was on call. */
import { familyRevision } from '../ecs.ts';
import type { Block, Report, Section } from '../report/content.ts';
import type { Drift } from './drift.ts';
import type { Pin } from './pin.ts';

export type PinnedDrift = Drift & { readonly pins: readonly Pin[] };

export function driftDocument(
  service: string,
  rollbackId: string,
  drifts: readonly PinnedDrift[],
  moment: (time: string) => string,
): Report {
  return {
    title: `What code and templates of ${service} have to learn`,
    tone: 'info',
    badge: 'drift',
    summary:
      'The rollback changed the account, and nothing that declares it. Until a fix is released, keep the earlier release in your code ' +
      'as below, or hold the pipeline. Take each change out again with the fix.',
    sections: drifts.map((drift) => section(drift, moment)),
    footer: `Rollback ${rollbackId}. What is declared is taken from the state before it: Backstep reads no code, no template and no state file.`,
  };
}

/** The report's own, short: what differs, and where the changes are. */
export function driftSection(
  { drifts = [], driftProblem }: { readonly drifts?: readonly PinnedDrift[]; readonly driftProblem?: string },
  moment: (time: string) => string,
): Section {
  const title = 'What infrastructure as code disagrees with';
  if (driftProblem !== undefined) {
    const text = `Nobody could look: ${driftProblem}. Compare the task definitions and weights of the steps above with your code before the next deployment.`;
    return { title, blocks: [{ kind: 'paragraph', text }] };
  }
  if (drifts.length === 0) return { title, blocks: [] };
  const rows = drifts.map((drift) => ({
    cells: [drift.kind, where(drift), drift.declared, drift.now, ends(drift, moment), drift.manager?.evidence ?? ''],
  }));
  const blocks: Block[] = [
    {
      kind: 'paragraph',
      text: 'Declared is what was there before the rollback. drift.md beside this report has the smallest change for each that keeps it as it is now.',
    },
    { kind: 'table', columns: ['What', 'Where', 'Declared', 'Now', 'Ends', 'Managed by'], rows },
  ];
  return { title, blocks };
}

function section(drift: PinnedDrift, moment: (time: string) => string): Section {
  const { kind, declared, now, means, manager, pins } = drift;
  const blocks: Block[] = [
    {
      kind: 'facts',
      rows: [
        ['Declared in all likelihood', declared],
        ['Now', now],
        ['Ends', ends(drift, moment)],
        ...(manager ? ([['Managed by', manager.evidence]] as const) : []),
      ],
    },
    { kind: 'paragraph', text: means },
    ...pins.flatMap(({ tool, words, language, code }): Block[] => [
      { kind: 'paragraph', text: `${tool}: ${words}` },
      { kind: 'code', language, text: code },
    ]),
  ];
  return { title: `${kind[0]?.toUpperCase()}${kind.slice(1)}: ${where(drift)}`, blocks };
}

const ends = ({ endsAt, kind }: Drift, moment: (time: string) => string): string => {
  if (endsAt !== undefined) return `by itself, ${moment(endsAt)}`;
  return kind === 'scaling' ? 'by itself, within minutes' : 'with a later release';
};

/** `side main`, `rule 9683b2d02a6cabee` */
function where({ side, companion, resource, kind }: Drift): string {
  if (kind === 'copy') return familyRevision(resource);
  if (side !== undefined) return `${companion ? 'companion' : 'side'} ${side}`;
  return resource.startsWith('arn:') ? `rule ${resource.slice(resource.lastIndexOf('/') + 1)}` : resource;
}
