/** The scenario format. Unknown keys are refused: a misspelt expectation must not pass for a met one. */
import { z } from 'zod';
import { outcomes } from '../../lib/domain/model.ts';
import { accountSpec } from '../world/spec.ts';
import { duration } from './at.ts';
import { milliseconds } from './duration.ts';
import { scenarioEvent } from './events.ts';

/** A month takes minutes; what is much longer is a slip of the pen and would seem to hang. */
const longestRunMs = 31 * 86_400_000;

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

const expectedExecution = z
  .strictObject({
    service: z.string().min(1).optional(),
    status: z.enum(statuses).optional(),
    outcome: z.enum(outcomes).optional(),
    error: z.string().min(1).optional().describe('Error name of a failed execution, e.g. InvalidInput'),
    reason: z.string().min(1).optional().describe("Text that the outcome's reason, or the cause, contains"),
  })
  .refine((wanted) => Object.keys(wanted).length > 0, { message: 'at least one thing to expect' });

const expectedEntry = z
  .strictObject({
    service: z.string().min(1).optional(),
    kind: z.string().min(1).optional(),
    message: z.string().min(1).optional().describe('Text that the message contains'),
  })
  .refine((wanted) => Object.keys(wanted).length > 0, { message: 'at least one thing to expect' });

const expectations = z.strictObject({
  executions: z.array(expectedExecution).optional().describe('All executions, in order of start: no more and no fewer'),
  account: z
    .record(z.string(), z.json())
    .optional()
    .describe("Values in the document's `account` at the end, by dotted path"),
  timeline: z.array(expectedEntry).optional().describe('Entries of the timeline in this order; others may lie between'),
  calls: z
    .record(z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/, 'service:Operation, e.g. ecs:UpdateService'), z.int().min(0))
    .optional()
    .describe("How often Backstep's roles sent a request, refused and throttled ones included"),
});

export const defaultStart = '2026-01-15T10:00:00Z';

export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).describe('One sentence, best as given, when, then'),
  description: z.string().optional(),
  config: z
    .union([z.string().min(1), z.record(z.string(), z.json())])
    .describe('Path of a backstep.json, from the place of this file, or its content'),
  environment: z.string().min(1).optional().describe('Which environment of the configuration; default: its only one'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  startTime: z.iso.datetime().default(defaultStart).describe('Virtual time at which the account starts'),
  account: accountSpec,
  events: z.array(scenarioEvent).default([]),
  until: duration
    .refine((text) => milliseconds(text) <= longestRunMs, 'at most P31D')
    .default('PT2H')
    .describe('How long the run lasts, at most P31D'),
  expect: expectations.default({}),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Expectations = z.infer<typeof expectations>;

/** JSON Schema of the format, for editors; generated into schema/scenario.schema.json. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'Backstep scenario', ...schema };
}
