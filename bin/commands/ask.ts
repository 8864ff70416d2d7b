/** Questions to a person at a terminal. */
import { createInterface } from 'node:readline';
import type { Io } from './command.ts';
import { printable } from './printable.ts';

/** Somebody reads and can answer. With `--json` they read stderr. */
export const isInteractive = (io: Io, json: boolean): boolean =>
  io.stdin.isTTY === true && (json ? io.stderr.isTTY : io.stdout.isTTY) === true && !io.env.CI;

/**
 * One line of what a person types, trimmed; undefined when the input ends, Ctrl-C is pressed, or `signal` says that the
 * question has no longer a point.
 */
export function ask(io: Io, json: boolean, question: string, signal?: AbortSignal): Promise<string | undefined> {
  (json ? io.stderr : io.stdout).write(`${printable(question)} `);
  // No terminal mode: the terminal itself edits the line, and Ctrl-C stays a signal.
  const lines = createInterface({ input: io.stdin, terminal: false });
  return new Promise((resolve) => {
    let ended = false;
    const end = (answer: string | undefined): void => {
      if (ended) return;
      ended = true;
      stopListening();
      signal?.removeEventListener('abort', giveUp);
      lines.close();
      if (answer === undefined) (json ? io.stderr : io.stdout).write('\n');
      resolve(answer);
    };
    const giveUp = (): void => end(undefined);
    const stopListening = io.onInterrupt(giveUp);
    if (signal?.aborted) return giveUp();
    signal?.addEventListener('abort', giveUp);
    lines.once('line', (line) => end(line.trim()));
    lines.once('close', giveUp);
    return undefined;
  });
}
