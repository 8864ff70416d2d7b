/** report.json. */

import { familyRevision } from '../ecs.ts';
import { isoDuration } from '../elapsed.ts';
import type { Json, ReportDocument, Verdict } from '../model.ts';
import type { Scripts } from '../scripts.ts';
import { describeWeights } from '../traffic.ts';
import { type CheckpointSummary, elapsedSeconds, fullReason, type ReportFacts, statusOf } from './facts.ts';
import { snapshotComponent } from './snapshot.ts';

export function reportDocument(facts: ReportFacts, scripts: Scripts): ReportDocument {
  const { context, outcome } = facts;
  return {
    rollbackId: context.rollbackId,
    timestamp: facts.now,
    snapshot: snapshotOf(facts),
    scripts: { database: scripts.database, application: scripts.application, infrastructure: scripts.infrastructure },
    execution: {
      status: statusOf(outcome),
      duration: isoDuration(elapsedSeconds(facts)),
      verification: verificationOf(facts.verdict),
      outcome,
      reason: fullReason(facts),
    },
  };
}

/** Named like the database's snapshot where there is one, since that is what would be restored; else like the checkpoint. */
function snapshotOf({ checkpoint, context, snapshot }: ReportFacts): ReportDocument['snapshot'] {
  const before = checkpoint ? componentsOf(checkpoint) : [];
  const stored = { id: checkpoint?.key ?? context.rollbackId, created: checkpoint?.takenAt ?? context.startedAt };
  if (!snapshot) return { ...stored, components: before };
  const { action, reading } = snapshot;
  const components = [
    snapshotComponent(action, reading),
    ...(checkpoint ? [`checkpoint ${checkpoint.key}`] : []),
    ...before,
  ];
  if (reading.kind !== 'found') return { ...stored, components };
  return { id: reading.view.id, created: reading.view.takenAt ?? stored.created, components };
}

/** @example `['ecs-service main: checkout:42, 4 of 4 tasks', 'listener-rule arn:…: blue 100, green 0']` */
function componentsOf({ sides, rules }: CheckpointSummary): string[] {
  return [
    ...sides.map(
      (side) =>
        `ecs-service ${side.side}: ${familyRevision(side.taskDefinition)}, ${side.runningCount} of ${side.desiredCount} tasks`,
    ),
    ...rules.map(({ rule, weights, stickiness }) => {
      const kind = rule.includes(':listener/') ? 'listener' : 'listener-rule';
      return `${kind} ${rule}: ${describeWeights(weights)}${stickiness.enabled ? ', sticky' : ''}`;
    }),
  ];
}

function verificationOf(verdict: Verdict | null): { [key: string]: Json } {
  if (!verdict) return {};
  return {
    result: verdict.result,
    reason: verdict.reason,
    measurements: verdict.measurements.map((measurement) => ({ ...measurement })),
  };
}
