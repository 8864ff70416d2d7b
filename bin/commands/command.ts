/** What a subcommand is, and what it may do to the outside. */
import type { Readable, Writable } from 'node:stream';

/** Exit codes of every command. */
export const exit = {
  good: 0,
  /** A finding, or an unmet expectation. */
  finding: 1,
  /** A worse finding, or a run that failed. */
  failed: 2,
  /** Input that cannot be used: nothing was done. */
  unusable: 64,
} as const;

export interface Option {
  readonly type: 'boolean' | 'string';
  /** What stands for the value in the help, e.g. `DIR`. */
  readonly value?: string;
  readonly help: string;
  /** May be given more than once; the values are then joined by commas. */
  readonly repeats?: true;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** Where a command writes. Tests give their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Ctrl-C. While anybody listens, it ends nothing by itself. Returns what stops listening. */
  onInterrupt(listener: () => void): () => void;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments as the usage line shows them: `FILE`, or `[FILE]` for one that may be left out. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  run(args: Arguments, io: Io): Promise<number>;
}

/** Commands of one thing: `release list`, `release mark`. Each has the whole as its name. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

export const isGroup = (command: Command | CommandGroup): command is CommandGroup => 'commands' in command;

/** The command line cannot be used. Its message is for a person; the exit code is 64. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Something outside did not go as it should. Its message is for a person, no stack needed; the exit code is 2. */
export class Failure extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'Failure';
  }
}
