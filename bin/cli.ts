/** The `backstep` command: finds the subcommand, and turns what it says into an exit code. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../lib/constructs/project.ts';
import { nearest } from '../lib/domain/nearest.ts';
import { ScenarioError } from '../simulator/scenario/issues.ts';
import { approve, decline } from './commands/answers.ts';
import { parseArguments } from './commands/arguments.ts';
import { type Command, type CommandGroup, exit, type Io, isGroup, UsageError } from './commands/command.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { helpOf, helpOfGroup, overview } from './commands/help.ts';
import { history } from './commands/history.ts';
import { pause, resume } from './commands/kill-switch.ts';
import { plan } from './commands/plan.ts';
import { printable } from './commands/printable.ts';
import { problemOf } from './commands/problems.ts';
import { release } from './commands/release.ts';
import { rollback } from './commands/rollback.ts';
import { simulate } from './commands/simulate.ts';
import { status } from './commands/status.ts';
import { triggers } from './commands/triggers.ts';
import { watch } from './commands/watch.ts';

const commands: readonly (Command | CommandGroup)[] = [
  rollback,
  plan,
  status,
  watch,
  history,
  release,
  approve,
  decline,
  pause,
  resume,
  doctor,
  simulate,
  demo,
  triggers,
];

/** Runs one command line. Resolves to the exit code; never throws. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    return report(error, io);
  }
}

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--version') return print(io, `${version()}\n`);
  if (name === undefined || name === '--help' || name === '-h') return print(io, overview(commands));
  if (name === 'help' && rest[0] === undefined) return print(io, overview(commands));
  return name === 'help' ? dispatchIn(commands, [...rest, '--help'], io) : dispatchIn(commands, words, io);
}

async function dispatchIn(
  among: readonly (Command | CommandGroup)[],
  [word = '', ...rest]: readonly string[],
  io: Io,
  group?: CommandGroup,
): Promise<number> {
  const wanted = group ? `${group.name} ${word}` : word;
  const command = among.find((one) => one.name === wanted);
  if (!command) throw new UsageError(unknownCommand(wanted, among));
  if (isGroup(command)) {
    const [next] = rest;
    if (next === undefined || next === '--help' || next === '-h') return print(io, helpOfGroup(command));
    return dispatchIn(command.commands, rest, io, command);
  }
  const args = parseArguments(command, rest);
  return args.flags.help ? print(io, helpOf(command)) : command.run(args, io);
}

function unknownCommand(name: string, among: readonly (Command | CommandGroup)[]): string {
  const names = among.map((command) => command.name);
  const suggestion = nearest(name, names);
  return `There is no command "${name}". ${suggestion ? `Did you mean ${suggestion}? ` : ''}There are: ${names.join(', ')}.`;
}

function print(io: Io, text: string): number {
  io.stdout.write(text);
  return exit.good;
}

/** Unusable input says what to change, AWS's refusals are told as they are; anything else shows where it failed. */
function report(error: unknown, io: Io): number {
  const unusable = error instanceof ScenarioError || isConfigurationError(error);
  const { text, code } = unusable ? { text: error.message, code: exit.unusable } : problemOf(error, io.env);
  io.stderr.write(`${printable(text)}\n`);
  return code;
}

/** By name, so that the command starts without loading what reads configurations. */
const isConfigurationError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ConfigurationError';

function version(): string {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  return version;
}

export function processIo(): Io {
  // A reader such as `head` may leave before the end: that is its right, and no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exit.good);
    throw error;
  });
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
  };
}

const startedDirectly =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (startedDirectly) process.exitCode = await main(process.argv.slice(2), processIo());
