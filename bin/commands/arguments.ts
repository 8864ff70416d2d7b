import { parseArgs } from 'node:util';
import { nearest } from '../../lib/domain/nearest.ts';
import { type Arguments, type Command, type Option, UsageError } from './command.ts';

/** Parses what follows the command's name. Every flag is known, every positional is there, or a UsageError says what is not. */
export function parseArguments(command: Command, words: readonly string[]): Arguments {
  const options: Record<string, Option> = { ...command.options, help: { type: 'boolean', help: 'this text' } };
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type }]) => [name, name === 'help' ? { type, short: 'h' } : { type }]),
    ),
    strict: false,
    tokens: true,
  });
  const flags: Record<string, string | boolean> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw new UsageError(unknownFlag(command, token.rawName, Object.keys(options)));
    if (option.type === 'string' && (token.value === undefined || token.value === ''))
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value ?? 'VALUE'}.`);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value, but got "${token.value}".`);
    const given = flags[token.name];
    if (given !== undefined && !option.repeats) throw new UsageError(`${token.rawName} is given twice.`);
    const value = option.type === 'boolean' ? true : (token.value as string);
    flags[token.name] = given === undefined ? value : `${given},${value}`;
  }
  if (!flags.help) checkPositionals(command, positionals);
  return { positionals, flags };
}

function checkPositionals(command: Command, found: readonly string[]): void {
  const missing = command.positionals[found.length];
  if (missing && !missing.startsWith('['))
    throw new UsageError(`${command.name} needs ${missing}: backstep ${usageOf(command)}.`);
  const extra = found[command.positionals.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many: backstep ${usageOf(command)}.`);
}

export const usageOf = (command: Command): string =>
  [command.name, ...command.positionals, Object.keys(command.options).length > 0 ? '[options]' : '']
    .filter((part) => part !== '')
    .join(' ');

function unknownFlag(command: Command, flag: string, names: readonly string[]): string {
  const suggestion = nearest(flag.replace(/^-+/, ''), names);
  const known = names.map((name) => `--${name}`).join(', ');
  return `${command.name} does not know ${flag}. ${suggestion ? `Did you mean --${suggestion}? ` : ''}It knows ${known}.`;
}
