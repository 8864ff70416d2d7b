/** An ECS service of a scenario's account: how it is deployed and scaled. */
import { z } from 'zod';

const arn = z.string().regex(/^arn:/, 'must be an ARN');
const minutes = z.number().int().min(0).max(1440);

const stage = z.enum([
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
]);

const hookSpec = z.strictObject({
  stages: z.array(stage).min(1),
  /** A pause waits for somebody; a function answers. */
  type: z.enum(['PAUSE', 'AWS_LAMBDA']).optional(),
  /** What the function answers, for ever; SUCCEEDED when absent. */
  answer: z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS']).optional(),
  timeoutMinutes: z.number().int().min(1).max(20_160).optional(),
  timeoutAction: z.enum(['ROLLBACK', 'CONTINUE']).optional(),
});

/** Deployments in which ECS itself moves the traffic between two target groups. */
export const strategySpec = z.strictObject({
  type: z.enum(['BLUE_GREEN', 'LINEAR', 'CANARY']),
  /** The target group beside the service's own. */
  alternateTargetGroup: arn.optional(),
  /** ARN of the listener rule whose weights ECS owns. */
  productionRule: arn.optional(),
  testRule: arn.optional(),
  bakeMinutes: minutes.optional(),
  stepPercent: z.number().min(3).max(100).optional(),
  stepBakeMinutes: minutes.optional(),
  canaryPercent: z.number().min(0.1).max(100).optional(),
  canaryBakeMinutes: minutes.optional(),
  hooks: z.array(hookSpec).optional(),
});

export const circuitBreakerSpec = z.strictObject({
  enable: z.boolean(),
  rollback: z.boolean(),
  resetOnHealthyTask: z.boolean().exactOptional(),
  threshold: z
    .strictObject({
      type: z.enum(['COUNT', 'BOUNDED_PERCENT', 'UNBOUNDED_PERCENT']),
      value: z.number().int().positive(),
    })
    .optional(),
});

export const deploymentAlarmsSpec = z.strictObject({
  names: z.array(z.string()).min(1),
  enable: z.boolean().optional(),
  rollback: z.boolean(),
});

export const scalingSpec = z.strictObject({
  min: z.number().int().min(0),
  max: z.number().int().min(0),
  /** Target tracking on the average CPU; without it nothing scales by itself. */
  targetCpuPercent: z.number().positive().max(100).optional(),
  scaleOutCooldownSeconds: z.number().int().min(0).optional(),
  scaleInCooldownSeconds: z.number().int().min(0).optional(),
  disableScaleIn: z.boolean().optional(),
  suspended: z
    .strictObject({ in: z.boolean().optional(), out: z.boolean().optional(), scheduled: z.boolean().optional() })
    .optional(),
});

export const capacityProviderSpec = z.strictObject({
  capacityProvider: z.string(),
  weight: z.number().int().min(0).exactOptional(),
  base: z.number().int().min(0).exactOptional(),
});

export type StrategySpec = z.infer<typeof strategySpec>;
export type ScalingSpec = z.infer<typeof scalingSpec>;
