/** Where progress goes: lines that stay, and, on a terminal, one last line that says what is being waited for. */
import type { Io } from '../command.ts';
import { printable } from '../printable.ts';
import { isLive, plain, type Style, styleFor } from '../story/style.ts';
import { columns } from '../story/text.ts';

export class Screen {
  readonly style: Style;
  readonly #io: Io;
  readonly #json: boolean;
  #status = '';

  /** @param json the document has stdout for itself, so progress goes to stderr, plainly */
  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
    this.style = json ? plain : styleFor(io);
  }

  lines(lines: readonly string[]): void {
    this.#put(this.#cleared() + lines.map((line) => `${line}\n`).join(''));
  }

  /** Overwrites the last line; says nothing where nobody watches. */
  status(text: string): void {
    const shown = printable(text).slice(0, columns - 1);
    if (this.#json || !isLive(this.#io) || shown === this.#status) return;
    this.#put(this.#cleared() + this.style.dim(shown));
    this.#status = shown;
  }

  #cleared(): string {
    const clear = this.#status === '' ? '' : '\r\u001b[2K';
    this.#status = '';
    return clear;
  }

  #put(text: string): void {
    if (text !== '') (this.#json ? this.#io.stderr : this.#io.stdout).write(text);
  }
}
