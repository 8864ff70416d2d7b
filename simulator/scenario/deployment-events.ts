/** Events about deployments, counts and images: what a team does, or its registry. */
import { z } from 'zod';
import { behaviourSpec } from '../world/spec.ts';
import { at } from './at.ts';

const service = {
  cluster: z.string().min(1),
  service: z.string().min(1).describe('Name of the ECS service'),
};

const codeDeploy = z
  .strictObject({
    at,
    type: z.literal('codeDeploy'),
    application: z.string().min(1),
    group: z.string().min(1).describe('Name of the deployment group'),
    taskDefinition: z.string().min(1).describe('family:revision of a task definition in account.taskDefinitions'),
    config: z.string().min(1).optional().describe("Name of a deployment configuration; default: the group's"),
  })
  .describe('A release where CodeDeploy deploys: CreateDeployment');

const stopDeployment = z
  .strictObject({ at, type: z.literal('stopDeployment'), ...service })
  .describe('Somebody rolls back the deployment under way: StopServiceDeployment, or StopDeployment of CodeDeploy');

const continueDeployment = z
  .strictObject({
    at,
    type: z.literal('continueDeployment'),
    ...service,
    action: z.enum(['CONTINUE', 'ROLLBACK']).default('CONTINUE'),
  })
  .describe('Somebody answers the pause that a deployment waits at, or continues one of CodeDeploy that is Ready');

const scale = z
  .strictObject({ at, type: z.literal('scale'), ...service, desiredCount: z.int().min(0) })
  .describe('Somebody sets the desired count of an ECS service');

const deregister = z
  .strictObject({ at, type: z.literal('deregister'), taskDefinition: z.string().min(1).describe('family:revision') })
  .describe('DeregisterTaskDefinition: it becomes INACTIVE');

const image = z
  .strictObject({
    at,
    type: z.literal('image'),
    repository: z.string().min(1).describe('Name of an ECR repository'),
    digest: z.string().startsWith('sha256:'),
    tags: z.array(z.string().min(1)).optional().describe('Tags that the push moves to the image'),
    status: z.enum(['ACTIVE', 'ARCHIVED', 'DELETED']).default('ACTIVE').describe('ACTIVE: it is pushed'),
    behaviour: behaviourSpec
      .optional()
      .describe('How tasks behave that run it where its tag stood for another image before'),
  })
  .describe('An image is pushed, archived or deleted');

export const deploymentEvents = [codeDeploy, stopDeployment, continueDeployment, scale, deregister, image] as const;
