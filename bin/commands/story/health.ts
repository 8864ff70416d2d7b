/** Verdicts: the first healthy one in full, those of the bake now and then. */
import type { Verdict } from '../../../lib/domain/model.ts';
import type { EntryData, TimelineFact } from './facts.ts';
import { blank, type Line, stamped } from './lines.ts';
import { markedLines } from './plan-lines.ts';
import type { Style } from './style.ts';
import { clip, clockTime, span } from './text.ts';

/** Once the service is healthy nothing much happens, so a row now and then is enough. */
const quietMinutes = 5;

export class HealthTeller {
  readonly #style: Style;
  #healthy = false;
  #quiet = 0;
  #result = '';
  #toldMs = 0;

  constructor(style: Style) {
    this.#style = style;
  }

  /** A rollback begins. */
  begin(): void {
    this.#healthy = false;
  }

  /** Asked once for every minute of traffic: whether it is to be left out. */
  isQuiet(): boolean {
    if (!this.#healthy) return false;
    this.#quiet += 1;
    return this.#quiet % quietMinutes !== 0;
  }

  /**
   * A verdict's message begins with what it is.
   *
   * @param run when it was started, and whether its account is a simulated one, which shows its traffic besides
   */
  judged(
    { timeMs, entry: { kind, message, data }, verdict }: TimelineFact,
    run: { readonly startedMs: number | undefined; readonly simulated: boolean },
  ): Line[] {
    const lines =
      kind !== 'verdict.healthy'
        ? stamped(timeMs, clip(message, 150), this.#healthy ? this.#style.red : undefined)
        : this.#healthy
          ? this.#still(timeMs, message, run.simulated)
          : this.#first(timeMs, (data ?? {}) as EntryData, run.startedMs ?? timeMs, verdict);
    this.#result = kind;
    return lines;
  }

  /** The first healthy verdict is the end of the incident; those after it are the bake. */
  #first(timeMs: number, { bakeUntil }: EntryData, startedMs: number, verdict: Verdict | undefined): Line[] {
    this.#healthy = true;
    this.#toldMs = timeMs;
    const lines = (verdict?.measurements ?? []).flatMap(({ ok, evidence }) =>
      markedLines(ok === null ? 'not checked' : ok ? 'ok' : 'failed', evidence, this.#style),
    );
    const watched = bakeUntil ? `, watched until ${clockTime(bakeUntil)}` : '';
    return [
      blank,
      { text: this.#style.bold('Post-rollback validation:'), weight: 1 },
      ...lines.map((text) => ({ text, weight: 2 })),
      blank,
      ...stamped(timeMs, `Healthy ${span(timeMs - startedMs)} after the start${watched}.`, this.#style.green),
    ];
  }

  /** Now and then, and whenever it was not so before. */
  #still(timeMs: number, message: string, simulated: boolean): Line[] {
    const again = this.#result !== 'verdict.healthy';
    if (!again && (simulated || timeMs - this.#toldMs < quietMinutes * 60_000)) return [];
    this.#toldMs = timeMs;
    return stamped(timeMs, clip(message, 150), again ? this.#style.green : this.#style.dim);
  }
}
