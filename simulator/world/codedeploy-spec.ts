/** CodeDeploy deployment groups of a scenario's account. */
import { z } from 'zod';

const arn = z.string().regex(/^arn:/, 'must be an ARN');

export const codeDeployGroupSpec = z.strictObject({
  application: z.string().min(1),
  name: z.string().min(1),
  /** The service, whose `controller` is CODE_DEPLOY. */
  cluster: z.string(),
  service: z.string(),
  /** Listeners whose default action CodeDeploy owns. */
  productionListeners: z.array(arn).min(1),
  testListeners: z.array(arn).optional(),
  /** The two groups between which traffic moves. */
  targetGroups: z.tuple([arn, arn]),
  /** A predefined configuration; ECSAllAtOnce when absent. */
  config: z.string().optional(),
  /** From all traffic on the new task set until the old one ends; 60 when absent. */
  terminationWaitMinutes: z.number().int().min(0).max(2880).optional(),
  /** A deployment stays Ready so long before its traffic moves; 0, not at all, when absent. */
  readyWaitMinutes: z.number().int().min(0).max(2880).optional(),
  /** What follows when nobody continued a deployment that is Ready. */
  readyAction: z.enum(['CONTINUE_DEPLOYMENT', 'STOP_DEPLOYMENT']).optional(),
  alarms: z.array(z.string()).optional(),
  autoRollback: z
    .array(z.enum(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST']))
    .optional(),
  /** Deployments before the start, each over. */
  history: z
    .array(
      z.strictObject({
        taskDefinition: z.string(),
        at: z.string().regex(/^-P/, 'must be an ISO 8601 duration before the start, such as -P10D'),
        status: z.enum(['Succeeded', 'Failed', 'Stopped']).optional(),
      }),
    )
    .optional(),
});

export type CodeDeployGroupSpec = z.infer<typeof codeDeployGroupSpec>;
