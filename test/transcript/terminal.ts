/** A terminal with a command in it: what is typed goes in, what is shown comes out, as a person would see it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** Wall-clock milliseconds that any one thing may take. */
const patience = 180_000;

export class Terminal {
  readonly command: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number>;
  #raw = '';
  /** Up to here it was waited for. */
  #seen = 0;

  /** @param tty with a terminal of its own, from util-linux' `script`; what it asks can be answered then */
  constructor(command: string, env: NodeJS.ProcessEnv, tty: boolean) {
    this.command = command;
    const [program, ...words] = tty
      ? ['script', '--quiet', '--return', '--command', command, '/dev/null']
      : ['bash', '-c', `exec 2>&1; ${command}`];
    this.#process = spawn(program as string, words, { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#raw += text;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#process.on('error', reject);
      this.#process.on('close', (code) => resolve(code ?? -1));
    });
  }

  get text(): string {
    return shown(this.#raw);
  }

  /** Waits until it says so, after what it was last waited for. */
  async says(part: string): Promise<void> {
    await within(patience, `"${part}" from ${this.command}`, () => this.#raw.indexOf(part, this.#seen) >= 0);
    this.#seen = this.#raw.indexOf(part, this.#seen) + part.length;
  }

  types(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** @throws when it ends with another exit code */
  async ends(code: number): Promise<void> {
    const found = await Promise.race([this.#ended, new Promise<number>((_, no) => setTimeout(no, patience).unref())]);
    if (found !== code) throw new Error(`${this.command} ended with ${found}, expected ${code}:\n${this.text}`);
  }

  /** Whatever happened: nothing goes on. */
  kill(): void {
    const { exitCode, signalCode, pid } = this.#process;
    if (exitCode === null && signalCode === null && pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}

/** Without what a terminal overwrites and paints. */
function shown(raw: string): string {
  const lines = raw.replaceAll('\r\n', '\n').split('\n');
  const last = (line: string): string => line.slice(Math.max(0, line.lastIndexOf('\u001b[2K'), line.lastIndexOf('\r')));
  return lines
    .map((line) =>
      stripVTControlCharacters(last(line))
        .replace(/\r|\^C/g, '')
        .trimEnd(),
    )
    .join('\n');
}

export async function within(ms: number, what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const began = Date.now();
  while (!(await done())) {
    if (Date.now() - began > ms) throw new Error(`Waited ${ms / 1000} s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
