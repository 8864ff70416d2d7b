/** Every cell of the table of reversals as a whole rollback: the service in that state, the calls, and how it ends. */
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { type Cell, cells, kinds, type TableCell } from '../../lib/domain/reversal/table.ts';
import { type FinishedRun, runScenario } from '../../simulator/scenario/run.ts';
import { everyStory } from '../variations.ts';
import { directory, scenarioOf, targetOf, type World, worldOf } from './reversal-world.ts';

const play = (name: string, world: World): Promise<FinishedRun> =>
  runScenario(scenarioOf(name, world), { synthesize, baseDir: directory });

/** Requests of Backstep's roles that change a service. */
const changing = [
  'ecs:UpdateService',
  'ecs:StopServiceDeployment',
  'ecs:ContinueServiceDeployment',
  'codedeploy:StopDeployment',
  'codedeploy:CreateDeployment',
  'elasticloadbalancing:ModifyRule',
  'elasticloadbalancing:ModifyListener',
] as const;

const update = { 'ecs:UpdateService': 1 };
const create = { 'codedeploy:CreateDeployment': 1 };
const stop = { 'codedeploy:StopDeployment': 1 };
const expected: Readonly<Record<Cell, Partial<Record<(typeof changing)[number], number>>>> = {
  nothing: {},
  join: {},
  'update-service': update,
  'update-service afterwards': update,
  'stop-service-deployment': { 'ecs:StopServiceDeployment': 1 },
  'continue-hook-rollback': { 'ecs:ContinueServiceDeployment': 1 },
  'codedeploy-stop': stop,
  'codedeploy-create': create,
  'codedeploy-stop, then codedeploy-create': { ...stop, ...create },
  'codedeploy-create afterwards': create,
  refused: {},
};

const outcomeOf = ({ cell }: TableCell): string =>
  cell === 'nothing' ? 'already-at-target' : cell === 'refused' ? 'blocked' : 'verified';

const made = ({ document }: FinishedRun) =>
  Object.fromEntries(changing.flatMap((call) => (document.calls[call] ? [[call, document.calls[call]]] : [])));

type Execution = FinishedRun['document']['executions'][number];

/** A failed execution tells in its cause what the others tell in their output. */
function endOf(execution: Execution | undefined): { readonly outcome: string; readonly reason: string } {
  return (execution?.output ?? execution?.cause ?? {}) as unknown as { outcome: string; reason: string };
}

/** What the table's own words say that the service was found in. */
const found = ({ document }: FinishedRun): string[] => document.timeline.map(({ message }) => message);

/** What is said of it somewhere; a finished deployment that is replaced by an update needs no explanation. */
function words({ state, cell, why }: TableCell): string {
  if (cell === 'nothing') return 'already runs';
  return state === 'finished' && cell === 'update-service' ? 'goes from shop:2 to shop:1' : why;
}

/** Every mechanism, state and kind, which take turns. The rest repeats what these show, and runs in test:soak. */
function oneOfEach(): TableCell[] {
  const known = new Set<string>();
  const turn = (cell: TableCell, index: number): number => (index * 7 + cells.indexOf(cell)) % 5;
  const ordered = cells.toSorted((a, b) => turn(a, kinds.indexOf(a.kind)) - turn(b, kinds.indexOf(b.kind)));
  return ordered.filter(({ cell, kind, state }) => {
    if (known.has(cell) && known.has(kind) && known.has(state)) return false;
    known.add(cell).add(kind).add(state);
    return true;
  });
}

test('what runs here covers every mechanism, every state and every kind', () => {
  const chosen = oneOfEach();
  for (const of of ['kind', 'cell', 'state'] as const) {
    expect(new Set(chosen.map((cell) => cell[of]))).toEqual(new Set(cells.map((cell) => cell[of])));
  }
});

describe.each(kinds)('%s', (kind) => {
  const own = (everyStory ? cells : oneOfEach()).filter((cell) => cell.kind === kind);
  test.each(own)('$state, target $position: $cell', (cell) => hold(cell));
});

async function hold(cell: TableCell): Promise<void> {
  const run = await play(`${cell.kind}, ${cell.state}, ${cell.position}`, worldOf(cell));
  const [execution, ...others] = run.document.executions;
  expect(others).toEqual([]);
  const { outcome, reason } = endOf(execution);
  expect({ outcome, reason, calls: made(run) }).toEqual({
    outcome: outcomeOf(cell),
    reason: expect.any(String),
    calls: expected[cell.cell],
  });
  expect(found(run).join('\n')).toContain(words(cell));
  if (cell.cell === 'refused') return;
  expect(run.document.account.services['shop/shop']).toMatchObject({ taskDefinition: `shop:${targetOf(cell)}` });
}
