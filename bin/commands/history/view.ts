/** The ledger as lines: releases with how they turned out, rollbacks with how they ended. Pure. */
import { readDirectArn } from '../../../lib/domain/direct.ts';
import type { Release, RollbackRecord } from '../../../lib/domain/model.ts';
import type { Style } from '../story/style.ts';
import { shortArn, span } from '../story/text.ts';

const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** Releases of a service, newest first: time in UTC, version, status, side, task definition. */
export function releaseLines(releases: readonly Release[], style: Style): string[] {
  if (releases.length === 0) return ['  none is recorded yet'];
  const sides = new Set(releases.map(({ side }) => side)).size > 1;
  const width = Math.max(...releases.map(({ version }) => version.length));
  return releases.map(({ deployedAt, version, status, side, taskDefinition }) => {
    const paint = { good: style.green, 'assumed-good': style.green, bad: style.red, unverified: style.yellow }[status];
    const where = sides ? `${side}, ${shortArn(taskDefinition)}` : shortArn(taskDefinition);
    return `  ${minute(deployedAt)}  ${version.padEnd(width)}  ${paint(status.padEnd(12))}  ${where}`;
  });
}

/** Rollbacks of a service, newest first: time in UTC, outcome, duration, who started it, id. */
export function rollbackLines(
  rollbacks: readonly (Omit<RollbackRecord, 'automatic'> & Partial<RollbackRecord>)[],
  style: Style,
): string[] {
  if (rollbacks.length === 0) return ['  none'];
  return rollbacks.map(({ startedAt, endedAt, outcome, automatic, rollbackId, executionArn = '' }) => {
    const took = endedAt ? span(Date.parse(endedAt) - Date.parse(startedAt)) : '';
    const good = outcome === undefined || ['verified', 'ready', 'already-at-target'].includes(outcome);
    const bad = outcome === 'halted' || outcome === 'needs-attention';
    const paint = bad ? style.red : good ? style.green : style.yellow;
    // Only what took the lock is known to be one or the other.
    const by = automatic === undefined ? '      ' : automatic ? 'alarm ' : 'person';
    const text = (outcome ?? 'not ended').padEnd(17);
    return `  ${minute(startedAt)}  ${paint(text)}  ${took.padEnd(7)}  ${by}  ${rollbackId}${readDirectArn(executionArn) ? ' (direct)' : ''}`;
  });
}
