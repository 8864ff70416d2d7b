/** Help texts, made from the same tables that parse the command line. */
import { usageOf } from './arguments.ts';
import type { Command, CommandGroup } from './command.ts';
import { wrap } from './story/text.ts';

export function overview(commands: readonly (Command | CommandGroup)[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'backstep undoes a bad release on AWS by itself.',
    '',
    'Usage: backstep COMMAND [options]',
    '',
    ...commands.flatMap(({ name, summary }) => wrap(summary, width + 4, `  ${name.padEnd(width)}  `)),
    '',
    'backstep COMMAND --help tells more. backstep --version prints the version.',
    ...wrap('Exit codes: 0 good, 1 a finding or an unmet expectation, 2 a failed run, 64 unusable input.', 12),
    '',
  ].join('\n');
}

export function helpOfGroup({ name, summary, commands }: CommandGroup): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    ...wrap(summary, 0),
    '',
    'Commands:',
    ...commands.flatMap((command) => wrap(command.summary, width + 4, `  ${command.name.padEnd(width)}  `)),
    '',
    `backstep ${name} COMMAND --help tells more.`,
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
    ...wrap(command.summary, 0),
    '',
    `Usage: backstep ${usageOf(command)}`,
    '',
    ...(options.length > 0
      ? ['Options:', ...options.flatMap(({ flag, help }) => wrap(help, width + 4, `  ${flag.padEnd(width)}  `)), '']
      : []),
    'Examples:',
    ...command.examples.flatMap(({ line, what }) => [`  ${line}`, ...wrap(what, 6, '      ')]),
    '',
  ].join('\n');
}
