/**
 * What can happen in a scenario, by type. `at` counts from the account's start. Everything here is done by the
 * account's operator or by the world, never by Backstep: Backstep's own work is what a scenario watches.
 */
import { z } from 'zod';
import { behaviourSpec, databaseState, seriesSpec, taskDefinitionSpec } from '../world/spec.ts';
import { at, duration } from './at.ts';
import { deploymentEvents } from './deployment-events.ts';

const arn = z.string().startsWith('arn:');

const deploy = z
  .strictObject({
    at,
    type: z.literal('deploy'),
    cluster: z.string().min(1),
    service: z.string().min(1).describe('Name of the ECS service'),
    taskDefinition: z.string().min(1).describe('family:revision of a task definition in account.taskDefinitions'),
    force: z.boolean().optional().describe('Deploys also what is in service: a tag may have moved since'),
  })
  .describe('A release: UpdateService of one ECS service to a task definition');

const alarm = z
  .strictObject({
    at,
    type: z.literal('alarm'),
    name: z.string().min(1),
    state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).default('ALARM'),
    reason: z.string().default('Set by the scenario'),
  })
  .describe('SetAlarmState: forces an alarm, until its next evaluation finds otherwise');

const start = z
  .strictObject({
    at,
    type: z.literal('start'),
    input: z.json().optional().describe('The execution input, as JSON'),
    inputText: z.string().optional().describe('The execution input as typed, for text that is not JSON'),
    name: z.string().min(1).optional().describe('Execution name'),
  })
  .refine((event) => (event.input === undefined) !== (event.inputText === undefined), {
    message: 'either input or inputText',
  })
  .describe('A person starts the state machine by hand, as from the console');

const stop = z
  .strictObject({
    at,
    type: z.literal('stop'),
    execution: z
      .int()
      .min(1)
      .optional()
      .describe('Which execution, counted from 1 in order of start; default: the newest'),
    error: z.string().optional(),
    cause: z.string().optional(),
  })
  .describe('StopExecution');

const redrive = z
  .strictObject({
    at,
    type: z.literal('redrive'),
    execution: z
      .int()
      .min(1)
      .optional()
      .describe('Which execution, counted from 1 in order of start; default: the newest'),
  })
  .describe('RedriveExecution: one that was stopped, timed out or failed goes on where it was');

const faultTarget = z
  .strictObject({
    call: z
      .string()
      .regex(/^[a-z0-9-]+:[A-Za-z*]+$/, 'service:Operation, e.g. ecs:UpdateService')
      .optional()
      .describe('service:Operation, e.g. ecs:UpdateService; service:* for all of a service'),
    invocation: z.string().min(1).optional().describe('Name of a Lambda, or the end or middle of it, e.g. Plan'),
    event: z.string().min(1).optional().describe('Detail type of an event, e.g. CloudWatch Alarm State Change'),
    by: z.string().min(1).optional().describe('Only calls of principals whose ARN contains this'),
  })
  .refine((on) => [on.call, on.invocation, on.event].filter((one) => one !== undefined).length === 1, {
    message: 'exactly one of call, invocation and event',
  });

const faultEffect = z
  .strictObject({
    error: z
      .strictObject({
        code: z.string().min(1),
        message: z.string().default('Injected by the scenario'),
        status: z.int().min(400).max(599).default(400),
      })
      .optional()
      .describe('It fails with this error and has no effect'),
    lost: z
      .boolean()
      .optional()
      .describe('The answer is lost: a call or an invocation takes effect and then fails; an event is never delivered'),
    latency: duration.optional().describe('It takes so much longer'),
    duplicate: z.int().min(2).optional().describe('An event or an invocation is delivered so many times'),
  })
  .refine((effect) => Object.keys(effect).length > 0, {
    message: 'at least one of error, lost, latency and duplicate',
  });

const fault = z
  .strictObject({
    at,
    type: z.literal('fault'),
    on: faultTarget,
    effect: faultEffect,
    count: z.int().min(1).optional().describe('How many times at most; default: always'),
    probability: z.number().gt(0).max(1).optional().describe('Chance of each; default: 1'),
    for: duration.optional().describe('How long it lasts; default: until the end'),
  })
  .refine((event) => event.on.call === undefined || event.effect.duplicate === undefined, {
    message: 'a call is not delivered twice; duplicate is for events and invocations',
  })
  .refine((event) => event.on.event === undefined || event.effect.error === undefined, {
    message: 'an event cannot fail with an error; use lost, latency or duplicate',
  })
  .describe('From now on, calls, invocations or events fail, are slow, get lost or are delivered twice');

const removePermission = z
  .strictObject({
    at,
    type: z.literal('removePermission'),
    function: z.string().min(1).describe('Name of a Lambda, or the end or middle of it, e.g. RevertService'),
    action: z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/, 'an IAM action, e.g. ecs:UpdateService'),
  })
  .describe("Takes one action out of the policies of a Lambda's role");

const weights = z
  .strictObject({
    at,
    type: z.literal('weights'),
    rule: arn.describe('ARN of a listener rule'),
    weights: z.record(arn, z.int().min(0).max(999)).describe('Target group ARN to weight'),
    stickiness: z
      .strictObject({ enabled: z.boolean(), durationSeconds: z.int().min(1).max(604_800).exactOptional() })
      .exactOptional(),
  })
  .describe('ModifyRule: somebody changes the weights of a listener rule');

const metric = z
  .strictObject({ at, type: z.literal('metric'), ...seriesSpec.shape })
  .describe('Points of a custom metric; their times count from this event');

const register = z
  .strictObject({ at, type: z.literal('register'), taskDefinition: taskDefinitionSpec })
  .describe('RegisterTaskDefinition');

const behaviour = z
  .strictObject({
    at,
    type: z.literal('behaviour'),
    taskDefinition: z.string().min(1).describe('family:revision'),
    behaviour: behaviourSpec,
  })
  .describe('Tasks of a task definition behave differently from now on, those that run included');

const database = z
  .strictObject({
    at,
    type: z.literal('database'),
    instance: z.string().min(1).optional().describe('Identifier of an RDS instance'),
    cluster: z.string().min(1).optional().describe('Identifier of a cluster'),
    ...databaseState,
  })
  .refine((event) => (event.instance === undefined) !== (event.cluster === undefined), {
    message: 'either instance or cluster',
  })
  .refine(
    (event) => [event.status, event.snapshotSeconds, event.snapshotFails].some((change) => change !== undefined),
    { message: 'at least one of status, snapshotSeconds and snapshotFails' },
  )
  .describe('A database changes from now on; snapshots under way stay as they were begun');

const parameter = z
  .strictObject({
    at,
    type: z.literal('parameter'),
    name: z.string().min(1).describe('Name of the SSM parameter, e.g. /backstep/production/kill-switch'),
    value: z.string().min(1),
  })
  .describe('PutParameter: creates an SSM parameter, or overwrites it');

const answerFields = {
  at,
  rollback: z.string().min(1).optional().describe('Id of the rollback that asks'),
  service: z.string().min(1).optional().describe('Or the protected service: the question that it has put last'),
  by: z.string().min(1).default('ann').describe('Name of the session that signs: a role with the documented grant'),
  reason: z.string().min(1).default('The scenario says so'),
};
const oneQuestion = [
  (event: { rollback?: string | undefined; service?: string | undefined }): boolean =>
    (event.rollback === undefined) !== (event.service === undefined),
  { message: 'either rollback or service' },
] as const;

const approve = z
  .strictObject({ ...answerFields, type: z.literal('approve') })
  .refine(...oneQuestion)
  .describe('A person says yes to the question of a rollback, through the function URL');

const decline = z
  .strictObject({ ...answerFields, type: z.literal('decline') })
  .refine(...oneQuestion)
  .describe('A person says no to the question of a rollback, through the function URL');

export const scenarioEvent = z.discriminatedUnion('type', [
  deploy,
  alarm,
  start,
  stop,
  redrive,
  fault,
  removePermission,
  weights,
  metric,
  register,
  behaviour,
  database,
  parameter,
  approve,
  decline,
  ...deploymentEvents,
]);

export type ScenarioEvent = z.infer<typeof scenarioEvent>;
export type EventOf<T extends ScenarioEvent['type']> = Extract<ScenarioEvent, { type: T }>;
