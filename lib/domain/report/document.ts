/** report.json. */

import { familyRevision } from '../ecs.ts';
import { isoDuration } from '../elapsed.ts';
import type { Json, ReportDocument, Verdict } from '../model.ts';
import type { Scripts } from '../scripts.ts';
import { describeWeights } from '../traffic.ts';
import { type CheckpointSummary, elapsedSeconds, fullReason, type ReportFacts, statusOf } from './facts.ts';

export function reportDocument(facts: ReportFacts, scripts: Scripts): ReportDocument {
  const { checkpoint, context, outcome } = facts;
  return {
    rollbackId: context.rollbackId,
    timestamp: facts.now,
    snapshot: {
      id: checkpoint?.key ?? context.rollbackId,
      created: checkpoint?.takenAt ?? context.startedAt,
      components: checkpoint ? componentsOf(checkpoint) : [],
    },
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
