/** The state of services as lines. Pure. */
import { describeNotice } from '../../../lib/domain/drift/notice.ts';
import type { Style } from '../story/style.ts';
import { clip, shortArn, span, wrap } from '../story/text.ts';
import type { ServiceStatus, SideStatus } from './gather.ts';

const labelWidth = 16;

/** @param nowMs the account's time, milliseconds since the epoch */
export function statusLines(status: ServiceStatus, style: Style, nowMs: number): string[] {
  const ago = (time: string): string => `${span(Math.max(0, nowMs - Date.parse(time)))} ago`;
  const row = (label: string, text: string, paint = (line: string): string => line): string[] =>
    wrap(text, labelWidth, `  ${label.padEnd(labelWidth - 2)}`).map(paint);
  const { service, production, killSwitch, running, question, alarmsOn, lastRollback, drift, problems } = status;
  return [
    style.bold(`${service}${production ? ' (production)' : ''}`),
    ...status.sides.flatMap((side) => row(side.side, sideText(side))),
    ...(running
      ? row(
          'Under way',
          `${running.rollbackId}: ${running.state ?? running.status}, lock since ${ago(running.since)}${running.direct ? `, directly, by ${running.direct.by}` : ''}`,
          style.bold,
        )
      : row('Under way', question ? 'nothing is changed: a person is asked' : 'nothing')),
    ...(status.abandoned ? row('', status.abandoned, style.red) : []),
    ...(question
      ? row(
          'Asks',
          `${question.rollbackId}, asked ${ago(question.requestedAt)}, until ${question.expiresAt}: ${clip(question.asksBecause, 300)}`,
          style.yellow,
        )
      : []),
    ...row(
      'Alarms on',
      alarmsOn.length === 0 ? 'none' : alarmsOn.map(({ name, since }) => `${name} since ${ago(since)}`).join('; '),
      alarmsOn.length === 0 ? undefined : style.red,
    ),
    ...(killSwitch.state === 'off' ? row('Kill switch', 'off') : row('Kill switch', killSwitch.reason, style.red)),
    ...row(
      'Last rollback',
      lastRollback
        ? `${lastRollback.rollbackId} ${lastRollback.outcome ?? 'has not ended'}, started ${ago(lastRollback.startedAt)}`
        : 'none',
    ),
    ...(drift ? row('Drift', describeNotice(drift), style.yellow) : []),
    ...problems.flatMap((problem) => row('Not known', problem, style.yellow)),
  ];
}

function sideText({ taskDefinition, version, status, runningCount, desiredCount, rolloutState }: SideStatus): string {
  if (taskDefinition === null) return 'ECS has no such service';
  const release = version === null ? 'not in the ledger' : `${version}, ${status}`;
  const rollout = rolloutState === '' || rolloutState === 'COMPLETED' ? '' : `, rollout ${rolloutState}`;
  return `${shortArn(taskDefinition)} (${release}), ${runningCount} of ${desiredCount} tasks${rollout}`;
}
