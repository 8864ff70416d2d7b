import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { type Arguments, type Command, exit, type Io, UsageError } from './command.ts';
import { writeDocuments } from './documents.ts';
import { printable } from './printable.ts';
import { withSeed } from './seed.ts';
import { summarize } from './simulate-summary.ts';

export const simulate: Command = {
  name: 'simulate',
  summary: 'Runs a scenario in a simulated account and checks what it expects.',
  positionals: ['FILE'],
  options: {
    json: { type: 'boolean', help: 'print the document of the run, and nothing else, on stdout' },
    seed: { type: 'string', value: 'N', help: "another seed than the scenario's" },
    serve: { type: 'string', value: 'PORT', help: 'serve the account over HTTP until Ctrl-C; 0 takes a free port' },
    speed: { type: 'string', value: 'N', help: 'with --serve: virtual seconds per second, 1 by default' },
    out: { type: 'string', value: 'DIR', help: "write the document and what is in Backstep's bucket there" },
  },
  examples: [
    {
      line: 'backstep simulate examples/01-checkout/scenario.json',
      what: 'Run a bad release and its rollback, and say whether it went as expected.',
    },
    {
      line: 'backstep simulate examples/01-checkout/scenario.json --seed 7 --json',
      what: 'The same with other chance, as JSON: histories, timeline, calls, account.',
    },
    {
      line: 'backstep simulate examples/01-checkout/scenario.json --serve 4566 --speed 20',
      what: 'Work with it as with AWS: this command, the AWS CLI and any SDK reach it.',
    },
  ],
  run: simulateFile,
};

async function simulateFile(args: Arguments, io: Io): Promise<number> {
  const { positionals, flags } = args;
  if (flags.serve !== undefined) return (await import('./simulate/serve.ts')).serveFile(args, io);
  if (flags.speed !== undefined)
    throw new UsageError('--speed needs --serve PORT: a run alone is as fast as it can be.');
  const file = resolve(io.cwd, positionals[0] as string);
  const scenario = withSeed(loadScenario(file), flags.seed);
  // Loaded when needed: the CDK and the SDK's clients take longer to load than the help takes to print.
  const [{ runScenario }, { synthesize }] = await Promise.all([
    import('../../simulator/scenario/run.ts'),
    import('../synthesize.ts'),
  ]);
  const run = await runScenario(scenario, {
    synthesize,
    baseDir: dirname(file),
    onProgress: (message) => io.stderr.write(`${message}\n`),
  });
  const text = `${JSON.stringify(run.document, null, 2)}\n`;
  if (flags.out !== undefined) {
    const directory = resolve(io.cwd, String(flags.out));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'run.json'), text);
    const written = writeDocuments(run, directory);
    io.stderr.write(`wrote run.json and ${written.length} documents to ${directory}\n`);
  }
  io.stdout.write(flags.json ? text : printable(summarize(run.document, run.realMs)));
  return run.document.passed ? exit.good : exit.finding;
}
