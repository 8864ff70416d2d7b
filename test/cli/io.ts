import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../bin/commands/command.ts';

export interface Recorded {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
  /** Ctrl-C. */
  readonly interrupt: () => void;
  /** What a person types, with its line break. */
  readonly type: (text: string) => void;
}

/** Where a command writes in a test: not a terminal, unless told otherwise. */
export function recorded(options: { cwd?: string; env?: Record<string, string>; tty?: boolean } = {}): Recorded {
  const listeners = new Set<() => void>();
  const stdin = Object.assign(new PassThrough(), { isTTY: options.tty ?? false });
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
      stdin,
      stdout: into(out),
      stderr: into(err),
      env: options.env ?? {},
      cwd: options.cwd ?? process.cwd(),
      onInterrupt(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    out: () => out.join(''),
    err: () => err.join(''),
    interrupt: () => {
      for (const listener of [...listeners]) listener();
    },
    type: (text) => stdin.write(text),
  };
}
