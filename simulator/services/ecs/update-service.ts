import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import { AwsError } from '../../service.ts';
import type { Ecs } from '../ecs.ts';
import { acceptConfiguration, refuseLoadBalancers } from './configuration.ts';
import { refuseForController } from './controllers.ts';
import { primaryOf, type ServiceRecord } from './model.ts';
import { refuseInactive, usable } from './task-definitions.ts';

const invalid = (message: string) => new AwsError('InvalidParameterException', message);

/** What the UpdateService call does. Changing counts or percentages alone starts no deployment. */
export function updateService(ecs: Ecs, input: UpdateServiceRequest): ServiceRecord {
  const service = ecs.requireService(input.cluster, input.service ?? '');
  if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
  refuseForController(service, input);
  refuseUnsimulated(input);
  if (service.scheduling === 'DAEMON') refuseForDaemon(input);
  const present = primaryOf(service).definition;
  const definition = input.taskDefinition === undefined ? present : usable(ecs.definitions, input.taskDefinition);
  const begins =
    definition !== present ||
    input.forceNewDeployment === true ||
    changes(input.loadBalancers, service.loadBalancers) ||
    changes(input.networkConfiguration, service.networkConfiguration);
  if (begins) refuseInactive(definition);
  const configuration = acceptConfiguration(service, input.deploymentConfiguration ?? {});
  refuseLoadBalancers(configuration.strategy, input.loadBalancers ?? service.loadBalancers);
  Object.assign(service, configuration);
  service.desiredCount = input.desiredCount ?? service.desiredCount;
  service.healthCheckGracePeriodSeconds = input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds;
  service.capacityProviders = input.capacityProviderStrategy ?? service.capacityProviders;
  service.loadBalancers = input.loadBalancers ?? service.loadBalancers;
  service.networkConfiguration = input.networkConfiguration ?? service.networkConfiguration;
  if (begins) ecs.deployments.begin(service, definition);
  ecs.scheduler.wake(service);
  return service;
}

/** Roles that ECS will use for the service, so the caller must be allowed to pass them. */
export function passedRoles({ loadBalancers = [], deploymentConfiguration }: UpdateServiceRequest): string[] {
  const hooks = deploymentConfiguration?.lifecycleHooks ?? [];
  const roles = [
    ...loadBalancers.map(({ advancedConfiguration }) => advancedConfiguration?.roleArn),
    ...hooks.map(({ roleArn }) => roleArn),
  ];
  return [...new Set(roles.filter((role) => role !== undefined))];
}

function refuseForDaemon({ desiredCount, deploymentConfiguration }: UpdateServiceRequest): void {
  if (desiredCount !== undefined) {
    throw invalid(
      'The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again.',
    );
  }
  const { strategy = 'ROLLING', maximumPercent = 100 } = deploymentConfiguration ?? {};
  if (strategy !== 'ROLLING') {
    throw invalid(`The daemon scheduling strategy does not support the ${strategy} deployment strategy.`);
  }
  if (maximumPercent > 100) {
    throw invalid(
      'The daemon scheduling strategy does not support values above 100 for maximumPercent on deploymentConfiguration. Change the value to 100 or less, and try again.',
    );
  }
}

const changes = <T>(given: T | undefined, present: T): boolean =>
  given !== undefined && JSON.stringify(given) !== JSON.stringify(present);

/** Each of these would start a deployment on AWS, or change how one goes; ignoring it would be an empty success. */
const unsimulated = [
  'deploymentController',
  'platformVersion',
  'serviceConnectConfiguration',
  'serviceRegistries',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
  'gatewayConnectors',
] as const;

function refuseUnsimulated(input: UpdateServiceRequest): void {
  const given = unsimulated.filter((field) => input[field] !== undefined);
  if (given.length > 0) throw new Error(`UpdateService with ${given.join(', ')} is not simulated`);
}
