/** Findings as lines. Pure. */
import type { Finding, Severity } from '../../../lib/domain/doctor.ts';
import type { Style } from '../story/style.ts';
import { wrap } from '../story/text.ts';

const marks: Readonly<Record<Severity, string>> = { blocker: 'BLOCKER', finding: 'FINDING', note: 'NOTE' };

export function findingLines(service: string, verdict: string, findings: readonly Finding[], style: Style): string[] {
  const paint = { blocker: style.red, finding: style.yellow, note: style.dim };
  const mark = (severity: Severity): string => `[${marks[severity]}]`;
  return [
    style.bold(`${service}: ${verdict}`),
    ...findings.flatMap(({ severity, what, evidence, whatToDo }) => [
      ...wrap(`${what}: ${evidence}`, 4, `  ${mark(severity)} `).map((line) =>
        line.replace(mark(severity), paint[severity](mark(severity))),
      ),
      ...(severity === 'note' ? [] : wrap(whatToDo, 7, '    -> ')),
    ]),
  ];
}
