import { Readable, Writable } from 'node:stream';
import type { Io } from '../../bin/commands/command.ts';

export interface Recorded {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
}

/** Where a command writes in a test: not a terminal, unless told otherwise. */
export function recorded(options: { cwd?: string; env?: Record<string, string>; tty?: boolean } = {}): Recorded {
  const out: string[] = [];
  const err: string[] = [];
  const into = (chunks: string[]): Writable & { isTTY?: boolean } =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          chunks.push(String(chunk));
          done();
        },
      }),
      { isTTY: options.tty ?? false },
    );
  return {
    io: {
      stdin: Readable.from([]),
      stdout: into(out),
      stderr: into(err),
      env: options.env ?? {},
      cwd: options.cwd ?? process.cwd(),
    },
    out: () => out.join(''),
    err: () => err.join(''),
  };
}
