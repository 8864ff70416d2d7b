/** Colours where the terminal has them; plain text, without a control character, everywhere else. */
import type { Io } from '../command.ts';

export type Paint = (text: string) => string;

export interface Style {
  readonly coloured: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** What bars are drawn with. */
  readonly full: string;
  readonly empty: string;
}

/** A terminal that nobody told to be plain: https://no-color.org, and CI logs. */
export const isLive = (io: Io): boolean => io.stdout.isTTY === true && !io.env.CI && io.env.TERM !== 'dumb';

export function styleFor(io: Io): Style {
  return isLive(io) && !io.env.NO_COLOR ? coloured : plain;
}

const plainly: Paint = (text) => text;

export const plain: Style = {
  coloured: false,
  bold: plainly,
  dim: plainly,
  red: plainly,
  green: plainly,
  yellow: plainly,
  cyan: plainly,
  full: '#',
  empty: '.',
};

const ansi =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`;

export const coloured: Style = {
  coloured: true,
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  red: ansi(31, 39),
  green: ansi(32, 39),
  yellow: ansi(33, 39),
  cyan: ansi(36, 39),
  full: '█',
  empty: '·',
};
