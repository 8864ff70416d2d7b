/** What UpdateService refuses where something else than ECS makes the deployments. */
import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import { AwsError } from '../../service.ts';
import type { ServiceRecord } from './model.ts';

/** By field, as AWS names what cannot be updated. */
const refused: readonly (readonly [keyof UpdateServiceRequest, string])[] = [
  ['taskDefinition', 'task definition'],
  ['networkConfiguration', 'network parameters'],
  ['platformVersion', 'platform version'],
  ['loadBalancers', 'load balancers'],
  ['serviceRegistries', 'service registries'],
  ['capacityProviderStrategy', 'capacity provider strategy'],
  ['serviceConnectConfiguration', 'service connect configuration'],
];

/** @throws AwsError `InvalidParameterException` */
export function refuseForController({ controller }: ServiceRecord, input: UpdateServiceRequest): void {
  if (controller === 'ECS') return;
  const instead = controller === 'CODE_DEPLOY' ? ' Use AWS CodeDeploy to trigger a new deployment.' : '';
  const refuse = (what: string) => {
    throw new AwsError(
      'InvalidParameterException',
      `${what} on services with a ${controller} deployment controller.${instead}`,
    );
  };
  for (const [field, what] of refused) if (input[field] !== undefined) refuse(`Unable to update ${what}`);
  if (input.forceNewDeployment) refuse('Cannot force a new deployment');
  // Such a deployment's percentages may be changed; how ECS would make it may not.
  const { strategy, lifecycleHooks, alarms, deploymentCircuitBreaker: breaker } = input.deploymentConfiguration ?? {};
  if (strategy && strategy !== 'ROLLING') refuse(`Unable to use the ${strategy} deployment strategy`);
  if (lifecycleHooks?.length) refuse('Unable to use lifecycle hooks');
  if (alarms?.enable) refuse('Unable to use deployment alarms');
  if (breaker?.enable) refuse('Unable to use the deployment circuit breaker');
  if (controller === 'EXTERNAL' && input.deploymentConfiguration) refuse('Unable to update deployment configuration');
}
