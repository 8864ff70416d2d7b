/** A plan as it is shown: target, current release, strategy, checks; and its actions. */
import type { CheckStatus, Plan } from '../../../lib/domain/model.ts';
import type { Style } from './style.ts';
import { shortArn, span, wrap } from './text.ts';

const labelWidth = 18;

export function planLines(plan: Plan, style: Style): string[] {
  // Wrapped before it is painted: colours have no width.
  const head = (label: string, text: string): string[] =>
    wrap(text, labelWidth, label.padEnd(labelWidth)).map((line) => line.replace(label, style.bold(label)));
  return [
    '',
    ...head('Rollback Target:', targetText(plan)),
    ...wrap(plan.targetReason, labelWidth, ' '.repeat(labelWidth)),
    ...head('Current Version:', currentText(plan)),
    ...head('Strategy:', `${plan.strategy}. ${plan.strategyReason}`),
    ...head('Time limit:', `${span(plan.timeoutSeconds * 1000)}. ${plan.timeoutReason}`),
    '',
    style.bold('Pre-rollback checks:'),
    ...plan.checks.flatMap(({ name, status, evidence }) => markedLines(status, `${name}: ${evidence}`, style)),
    '',
  ];
}

/** @param title what stands above them */
export function actionLines({ actions, asksBecause }: Plan, style: Style, title = 'Actions:'): string[] {
  if (actions.length === 0) return [];
  return [
    style.bold(title),
    ...actions.flatMap(({ type, description, reason }, index) => [
      ...wrap(`${type}: ${description}`, 8, `  [${index + 1}/${actions.length}] `),
      ...wrap(reason, 8, '        '),
    ]),
    ...(asksBecause ? ['', ...wrap(`A person will be asked first: ${asksBecause}`, 0)] : []),
  ];
}

/** `[OK] …`, as many lines as it takes. */
export function markedLines(status: CheckStatus, text: string, style: Style): string[] {
  const [mark, paint] = {
    ok: ['[OK]', style.green] as const,
    warning: ['[WARN]', style.yellow] as const,
    failed: ['[FAILED]', style.red] as const,
    'not checked': ['[NOT CHECKED]', style.dim] as const,
  }[status];
  const [first = '', ...rest] = wrap(text, 4, `  ${mark} `);
  return [first.replace(mark, paint(mark)), ...rest];
}

const targetText = ({ target }: Plan): string =>
  target ? `${target.version} (${shortArn(target.taskDefinition)})` : 'none';

const currentText = ({ current }: Plan): string =>
  current
    .map(({ side, version, taskDefinition, runningCount, desiredCount }) => {
      const name = current.length > 1 ? `${side}: ` : '';
      return `${name}${version} (${shortArn(taskDefinition)}), ${runningCount} of ${desiredCount} tasks`;
    })
    .join('; ');
