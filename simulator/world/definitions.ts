import type { ContainerDefinition, LogConfiguration } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../account.ts';
import { defaultBehaviour, type TaskBehaviour } from '../services/ecs/behaviour.ts';
import type { TaskDefinitionRecord } from '../services/ecs/model.ts';
import { offsetMs } from './duration.ts';
import type { BehaviourSpec, TaskDefinitionSpec } from './spec.ts';

/** What the spec leaves out is as in `defaults`. */
export function behaviourOf(spec: BehaviourSpec = {}, defaults: TaskBehaviour = defaultBehaviour): TaskBehaviour {
  const { changes, ...given } = withoutUndefined(spec);
  return { ...defaults, ...given, changes: (changes ?? defaults.changes).map((change) => withoutUndefined(change)) };
}

export function register(account: SimulatedAccount, spec: TaskDefinitionSpec): TaskDefinitionRecord {
  const containers = spec.containers ?? [{ name: spec.family, image: spec.image ?? `${spec.family}:latest` }];
  for (const { image, digest } of containers) {
    if (digest !== undefined) account.ecs.definitions.setDigest(image, digest);
  }
  const record = account.ecs.definitions.register(
    {
      family: spec.family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      ...(spec.taskRoleArn === undefined ? {} : { taskRoleArn: spec.taskRoleArn }),
      ...(spec.executionRoleArn === undefined ? {} : { executionRoleArn: spec.executionRoleArn }),
      containerDefinitions: containers.map(containerOf),
    },
    {
      revision: spec.revision,
      behaviour: spec.behaviour && behaviourOf(spec.behaviour),
      registeredMs: account.clock.now() + (spec.registeredAt === undefined ? 0 : offsetMs(spec.registeredAt)),
    },
  );
  if (spec.status === 'INACTIVE') {
    record.status = 'INACTIVE';
    record.deregisteredMs = account.clock.now();
  }
  return record;
}

type ContainerSpec = NonNullable<TaskDefinitionSpec['containers']>[number];

function containerOf(spec: ContainerSpec): ContainerDefinition {
  const { name, image, port = 8080, environment = {}, secrets, environmentFiles, log, labels } = spec;
  return {
    name,
    image,
    essential: true,
    portMappings: [{ containerPort: port, hostPort: port, protocol: 'tcp' }],
    environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    ...(secrets && { secrets: Object.entries(secrets).map(([key, valueFrom]) => ({ name: key, valueFrom })) }),
    ...(environmentFiles && { environmentFiles: environmentFiles.map((value) => ({ type: 's3' as const, value })) }),
    ...(log && { logConfiguration: logOf(log) }),
    ...(labels && { dockerLabels: labels }),
  };
}

const logOf = ({ group, region, create }: NonNullable<ContainerSpec['log']>): LogConfiguration => ({
  logDriver: 'awslogs',
  options: {
    'awslogs-group': group,
    ...(region !== undefined && { 'awslogs-region': region }),
    ...(create !== undefined && { 'awslogs-create-group': String(create) }),
  },
});

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
