/** Ctrl-C where a rollback goes on in this process only: the first ends it between two calls, the second at once. */

export interface Interruptible {
  /** The state whose Lambda has been called and has not answered. */
  readonly underWay: () => string | undefined;
  readonly end: (cause: string) => void;
  readonly say: (sentences: readonly string[]) => void;
}

export class Interruption {
  readonly #run: Interruptible;
  #pressed = 0;

  constructor(run: Interruptible) {
    this.#run = run;
  }

  press(): void {
    this.#pressed += 1;
    const state = this.#run.underWay();
    const meaning =
      'Ctrl-C: this rollback goes on in this command and nowhere else, so with its end nothing goes on in AWS.';
    if (this.#pressed > 1) {
      this.#run.end('Ctrl-C, twice');
    } else if (state === undefined) {
      this.#run.say([`${meaning} It ends here, between two calls.`]);
      this.#run.end('Ctrl-C');
    } else {
      this.#run.say([`${meaning} It ends as soon as ${state} has answered; Ctrl-C again ends it at once.`]);
    }
  }

  /** A call has been answered: whoever asked for the end gets it before the next one. */
  answered(): void {
    if (this.#pressed === 1) this.#run.end('Ctrl-C');
  }
}
