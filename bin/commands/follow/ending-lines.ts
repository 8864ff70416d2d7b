/** The end of a followed execution as a person reads it. Pure. */
import type { Style } from '../story/style.ts';
import { columns, wrap } from '../story/text.ts';
import type { Ending } from './ending.ts';
import type { NextStep } from './next-steps.ts';

const labelWidth = 12;

export function endingLines(ending: Ending, style: Style): string[] {
  const current = Object.entries(ending.current)
    .map(([side, version], _, { length }) => (length > 1 ? `${side} ${version}` : version))
    .join(', ');
  const rows: [string, string | null][] = [
    ['Outcome', ending.outcome ?? ending.status],
    ['From', current || null],
    ['To', ending.target],
    ['Strategy', ending.strategy],
    ['Duration', ending.duration.replace('PT', '').toLowerCase()],
    ['Rollback', ending.rollbackId],
    ['Report', ending.report],
  ];
  return [
    '',
    ...rows.flatMap(([label, value]) =>
      value === null
        ? []
        : wrap(value, labelWidth, label.padEnd(labelWidth)).map((line) => line.replace(label, style.bold(label))),
    ),
  ];
}

/** `What:` and below it the line to type, which stays whole: it is to be copied. */
export function stepLines(steps: readonly NextStep[], style: Style): string[] {
  if (steps.length === 0) return [];
  return [
    '',
    style.bold('Next:'),
    ...steps.flatMap(({ what, line }) => {
      if (line === undefined) return wrap(what, 2, '  ');
      const together = `  ${what}: ${line}`;
      return together.length <= columns ? [together] : [`  ${what}:`, `    ${line}`];
    }),
  ];
}
