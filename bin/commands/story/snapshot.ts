/** How far the database's snapshot is, now and then, and what became of it. It is made while the service is watched. */
import type { SnapshotFact } from './facts.ts';
import { type Line, stamped } from './lines.ts';
import type { Style } from './style.ts';
import { span } from './text.ts';

const everyMs = 5 * 60_000;

export class SnapshotTeller {
  readonly #style: Style;
  #told: { readonly timeMs: number; readonly what: string } | undefined;

  constructor(style: Style) {
    this.#style = style;
  }

  /** @param askedMs when RDS was asked for it; undefined where that was not seen */
  tell({ timeMs, progress: { status, late, message } }: SnapshotFact, askedMs: number | undefined): Line[] {
    const what = `${status} ${late}`;
    const old = this.#told?.what === what;
    if (this.#told && old && (status !== 'creating' || timeMs - this.#told.timeMs < everyMs)) return [];
    this.#told = { timeMs, what };
    const { dim, green, red, yellow } = this.#style;
    if (status === 'available') {
      const after = askedMs === undefined ? '' : `, ${span(timeMs - askedMs)} after RDS was asked for it`;
      return stamped(timeMs, `${message.replace(/\.$/, '')}${after}.`, green);
    }
    const paint = status === 'failed' ? red : status === 'unknown' || late ? yellow : dim;
    return stamped(timeMs, message, paint);
  }
}
