import { dirname, join, relative, resolve } from 'node:path';
import { projectRoot } from '../../lib/constructs/project.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { type Arguments, type Command, exit, type Io } from './command.ts';
import { paceOf } from './demo/pace.ts';
import { Teller } from './demo/teller.ts';
import { withSeed } from './seed.ts';
import { styleFor } from './story/style.ts';

export const demo: Command = {
  name: 'demo',
  summary: 'Shows a bad release, the alarm and the rollback, live in a simulated account.',
  positionals: [],
  options: {
    scenario: { type: 'string', value: 'FILE', help: 'another scenario than examples/01-checkout/scenario.json' },
    fast: { type: 'boolean', help: 'no pauses for the reader' },
    speed: { type: 'string', value: 'N', help: 'N times as fast as usual, e.g. 2 or 0.5' },
    seed: { type: 'string', value: 'N', help: "another seed than the scenario's" },
  },
  examples: [
    { line: 'backstep demo', what: 'The checkout service gets a bad release and its alarm rolls it back.' },
    {
      line: 'backstep demo --scenario examples/02-two-sides/scenario.json',
      what: 'The same behind weighted target groups: the traffic moves.',
    },
  ],
  run: show,
};

/** A look every so many virtual seconds: fine enough that what is read belongs to what has just happened. */
const everySeconds = 5;

async function show({ flags }: Arguments, io: Io): Promise<number> {
  const file =
    flags.scenario === undefined
      ? join(projectRoot, 'examples/01-checkout/scenario.json')
      : resolve(io.cwd, String(flags.scenario));
  const scenario = withSeed(loadScenario(file), flags.seed);
  const teller = new Teller(io, styleFor(io), paceOf(flags, io));
  await teller.title(scenario.name, shown(file, io.cwd), scenario.seed);

  // Loaded when needed: the CDK and the SDK's clients take longer to load than the title takes to print.
  const [{ runScenario }, { synthesize }, { finish }] = await Promise.all([
    import('../../simulator/scenario/run.ts'),
    import('../synthesize.ts'),
    import('./demo/finish.ts'),
  ]);
  const run = await runScenario(scenario, {
    synthesize,
    baseDir: dirname(file),
    watch: { everySeconds, look: (live, realMs) => teller.look(live, realMs) },
  });
  await finish(run, teller, join(io.cwd, '.backstep', 'demo'), (path) => shown(path, io.cwd));
  return run.document.passed ? exit.good : exit.finding;
}

/** Paths below the working directory are shown from there. */
function shown(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith('..') ? path : fromHere;
}
