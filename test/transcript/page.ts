/** docs/transcript.md, as it grows: what is said in between, and what the commands showed. */
import type { Terminal } from './terminal.ts';

export interface Shortening {
  /** Lines that stay at the beginning and at the end; the rest is marked as left out. */
  readonly first: number;
  readonly last: number;
}

export class Page {
  readonly #parts: string[] = [];

  say(text: string): void {
    this.#parts.push(text.trim().replace(/\n +/g, '\n'));
  }

  /** What a command showed; `parts` are shown apart where something else happened in between. */
  show({ command, text }: Pick<Terminal, 'command' | 'text'>, shortening?: Shortening): void {
    const lines = text.replace(/^\n+|\n+$/g, '').split('\n');
    this.#parts.push(['```', `$ ${command}`, ...shortened(lines, shortening), '```'].join('\n'));
  }

  toString(): string {
    return `${this.#parts.join('\n\n')}\n`;
  }
}

function shortened(lines: readonly string[], shortening: Shortening | undefined): readonly string[] {
  if (!shortening || lines.length <= shortening.first + shortening.last + 1) return lines;
  const { first, last } = shortening;
  const left = lines.length - first - last;
  return [...lines.slice(0, first), `[... ${left} lines ...]`, ...lines.slice(lines.length - last)];
}
