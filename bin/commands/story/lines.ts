/** Lines as they are told: stamped with the time, or below such a line. */
import type { Paint } from './style.ts';
import { clockTime, wrap } from './text.ts';

/** A line, and how much of a pause a reader needs after it, in units of an ordinary line. */
export interface Line {
  readonly text: string;
  readonly weight: number;
}

export const blank: Line = { text: '', weight: 0 };

const stampWidth = 10;
const asItIs: Paint = (text) => text;

/** `10:04:05  …` */
export const stamped = (timeMs: number, text: string, paint: Paint = asItIs): Line[] =>
  wrap(text, stampWidth, `${clockTime(timeMs)}  `).map((line) => ({ text: paint(line), weight: 2 }));

/** Belongs to the stamped line before it. */
export const below = (text: string, paint: Paint = asItIs): Line[] =>
  wrap(text, stampWidth, ' '.repeat(stampWidth)).map((line) => ({ text: paint(line), weight: 2 }));

/** One `- …` for each, below a stamped line. */
export const listed = (items: readonly string[]): Line[] =>
  items
    .flatMap((item) => wrap(item, stampWidth + 2, `${' '.repeat(stampWidth)}- `))
    .map((text) => ({ text, weight: 2 }));
