import type { LiveRun } from '../../../simulator/scenario/run.ts';
import type { Io } from '../command.ts';
import type { Line } from '../story/lines.ts';
import { Narrator } from '../story/narrator.ts';
import type { Style } from '../story/style.ts';
import { wrap } from '../story/text.ts';
import { Observer } from './observer.ts';
import type { Pace } from './pace.ts';

/** Looks, tells, and waits for the reader. */
export class Teller {
  readonly style: Style;
  readonly #io: Io;
  readonly #pace: Pace;
  readonly #observer = new Observer();
  readonly #narrator: Narrator;

  constructor(io: Io, style: Style, pace: Pace) {
    this.style = style;
    this.#io = io;
    this.#pace = pace;
    this.#narrator = new Narrator(style);
  }

  async title(name: string, file: string, seed: number): Promise<void> {
    await this.say(wrap(name, 0).map((line) => this.style.bold(line)));
    await this.say([`${file}, seed ${seed}. Times are virtual, UTC.`, 'Synthesizing the stack with the CDK.', '']);
  }

  async look(run: LiveRun, realMs: number): Promise<void> {
    for (const fact of await this.#observer.look(run)) await this.write(this.#narrator.tell(fact, realMs));
  }

  async say(lines: readonly string[]): Promise<void> {
    await this.write(lines.map((text) => ({ text, weight: text === '' ? 0 : 1 })));
  }

  async write(lines: readonly Line[]): Promise<void> {
    for (const { text, weight } of lines) {
      this.#io.stdout.write(`${text}\n`);
      await this.#pace(weight);
    }
  }
}
