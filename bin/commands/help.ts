/** Help texts, made from the same tables that parse the command line. */
import { usageOf } from './arguments.ts';
import type { Command } from './command.ts';

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'backstep undoes a bad release on AWS by itself.',
    '',
    'Usage: backstep COMMAND [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'backstep COMMAND --help tells more. backstep --version prints the version.',
    'Exit codes: 0 good, 1 a finding or an unmet expectation, 2 a failed run, 64 unusable input.',
    '',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(([name, { type, value, help }]) => ({
    flag: type === 'boolean' ? `--${name}` : `--${name} ${value ?? 'VALUE'}`,
    help,
  }));
  const width = Math.max(0, ...options.map(({ flag }) => flag.length));
  return [
    `${command.summary}`,
    '',
    `Usage: backstep ${usageOf(command)}`,
    '',
    ...(options.length > 0
      ? ['Options:', ...options.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`), '']
      : []),
    'Examples:',
    ...command.examples.flatMap(({ line, what }) => [`  ${line}`, `      ${what}`]),
    '',
  ].join('\n');
}
