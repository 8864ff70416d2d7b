/** The ledger as lines: releases with how they turned out, rollbacks with how they ended. Pure. */
import { readDirectArn } from '../../../lib/domain/direct.ts';
import type { RollbackRecord } from '../../../lib/domain/model.ts';
import type { ShownRelease } from '../standings.ts';
import type { Style } from '../story/style.ts';
import { shortArn, span } from '../story/text.ts';

const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** A commit's name for people. */
const shortCommit = 7;

/** Releases of a service, newest first: time in UTC, version, standing, side, task definition, commit. */
export function releaseLines(releases: readonly ShownRelease[], style: Style): string[] {
  if (releases.length === 0) return ['  none is recorded yet'];
  const sides = new Set(releases.map(({ side }) => side)).size > 1;
  const called = ({ registeredVersion, version }: ShownRelease): string => registeredVersion ?? version;
  const width = Math.max(...releases.map((release) => called(release).length));
  return releases.map((release) => {
    const { deployedAt, standing, side, taskDefinition, commit } = release;
    const paint = standing === 'bad' ? style.red : standing === 'unproven' ? style.yellow : style.green;
    const where = sides ? `${side}, ${shortArn(taskDefinition)}` : shortArn(taskDefinition);
    const of = commit === undefined ? '' : `  ${commit.slice(0, shortCommit)}`;
    return `  ${minute(deployedAt)}  ${called(release).padEnd(width)}  ${paint(standing.padEnd(12))}  ${where}${of}`;
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
