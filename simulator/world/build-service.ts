import type { SimulatedAccount } from '../account.ts';
import { rolling } from '../services/ecs/configuration.ts';
import type { RevisionRecord, ServiceRecord, TaskDefinitionRecord } from '../services/ecs/model.ts';
import { buildScaling } from './build-scaling.ts';
import { buildStrategy } from './build-strategy.ts';
import { offsetMs } from './duration.ts';
import type { ServiceSpec } from './spec.ts';

const minuteMs = 60_000;

/** A service as it stands long after its last deployment: every task running, its history on record. */
export function buildService(account: SimulatedAccount, spec: ServiceSpec): void {
  const { ecs, clock } = account;
  const { records } = ecs.deployments;
  const history = [...(spec.history ?? [])].sort((a, b) => offsetMs(a.at) - offsetMs(b.at));
  const deployedMs = clock.now() + offsetMs(spec.deployedAt ?? '-P7D');
  const [oldest] = history;
  ecs.clusters.add(spec.cluster);
  const service = emptyService(account, spec, oldest ? clock.now() + offsetMs(oldest.at) : deployedMs);
  ecs.addService(service);
  if (spec.strategy) buildStrategy(account, service, spec.strategy);

  const present = requireDefinition(account, spec.taskDefinition);
  let before: RevisionRecord | undefined;
  for (const entry of history) before = addHistory(account, service, entry, before);

  const revision = revisionThen(account, service, present, deployedMs);
  const record = records.record(service, revision, before ? [before] : [], deployedMs, 'SUCCESSFUL');
  record.finishedMs = Math.min(deployedMs + 5 * minuteMs, clock.now());
  record.updatedMs = record.finishedMs;
  const deployment = records.deployment(revision, record, deployedMs, 'COMPLETED');
  deployment.updatedMs = record.finishedMs;
  if (service.controller !== 'ECS') {
    const arn = account.arn('ecs', `task-set/${spec.cluster}/${spec.name}/${deployment.id}`);
    deployment.taskSet = { arn, externalId: undefined };
  }
  service.deployments.push(deployment);
  for (let task = 0; task < spec.desiredCount; task++) ecs.scheduler.tasks.adopt(service, deployment, deployedMs);
  if (spec.scaling) buildScaling(account, service, spec.scaling);
}

function emptyService(account: SimulatedAccount, spec: ServiceSpec, createdMs: number): ServiceRecord {
  const definition = requireDefinition(account, spec.taskDefinition);
  const [container] = definition.input.containerDefinitions ?? [];
  return {
    arn: account.arn('ecs', `service/${spec.cluster}/${spec.name}`),
    name: spec.name,
    cluster: spec.cluster,
    createdMs,
    controller: spec.controller ?? 'ECS',
    launchType: spec.launchType ?? 'FARGATE',
    scheduling: spec.scheduling ?? 'REPLICA',
    capacityProviders: spec.capacityProviders ?? [],
    tags: tagsOf(account, spec),
    platformVersion: 'LATEST',
    status: 'ACTIVE',
    desiredCount: spec.desiredCount,
    minimumHealthyPercent: spec.minimumHealthyPercent ?? (spec.scheduling === 'DAEMON' ? 0 : 100),
    maximumPercent: spec.maximumPercent ?? (spec.scheduling === 'DAEMON' ? 100 : 200),
    circuitBreaker: circuitBreakerOf(spec),
    alarms: {
      alarmNames: spec.deploymentAlarms?.names ?? [],
      enable: spec.deploymentAlarms ? (spec.deploymentAlarms.enable ?? true) : false,
      rollback: spec.deploymentAlarms?.rollback ?? false,
    },
    strategy: rolling,
    healthCheckGracePeriodSeconds: spec.healthCheckGracePeriodSeconds ?? 0,
    loadBalancers:
      spec.targetGroup === undefined
        ? []
        : [
            {
              targetGroupArn: spec.targetGroup,
              containerName: spec.container?.name ?? container?.name ?? spec.name,
              containerPort: spec.container?.port ?? container?.portMappings?.[0]?.containerPort ?? 8080,
            },
          ],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: ['subnet-0a1b2c3d4e5f60718'],
        securityGroups: ['sg-0a1b2c3d4e5f60718'],
        assignPublicIp: 'DISABLED',
      },
    },
    deployments: [],
    serviceDeployments: [],
    tasks: [],
    events: [],
  };
}

/** CloudFormation tags what it makes. */
function tagsOf(account: SimulatedAccount, { stack, tags = {} }: ServiceSpec): ServiceRecord['tags'] {
  const own = Object.entries(tags).map(([key, value]) => ({ key, value }));
  if (!stack) return own;
  const { name, arn } = account.cloudformation.set(stack.name, stack.status ?? 'UPDATE_COMPLETE');
  return [
    { key: 'aws:cloudformation:stack-name', value: name },
    { key: 'aws:cloudformation:stack-id', value: arn },
    { key: 'aws:cloudformation:logical-id', value: stack.logicalId ?? 'Service' },
    ...own,
  ];
}

function circuitBreakerOf({ circuitBreaker }: ServiceSpec): ServiceRecord['circuitBreaker'] {
  if (!circuitBreaker) return { enable: false, rollback: false };
  const { threshold, ...rest } = circuitBreaker;
  return { ...rest, ...(threshold ? { thresholdConfiguration: threshold } : {}) };
}

/** Deployed long ago: with the images that its tags stood for when the definition was registered. */
function revisionThen(
  { ecs }: SimulatedAccount,
  service: ServiceRecord,
  definition: TaskDefinitionRecord,
  createdMs: number,
): RevisionRecord {
  const images = ecs.definitions.imagesAsRegistered(definition);
  return ecs.deployments.records.revision(service, definition, createdMs, undefined, images);
}

function addHistory(
  account: SimulatedAccount,
  service: ServiceRecord,
  entry: NonNullable<ServiceSpec['history']>[number],
  before: RevisionRecord | undefined,
): RevisionRecord | undefined {
  const { records } = account.ecs.deployments;
  const status = entry.status ?? 'SUCCESSFUL';
  const createdMs = account.clock.now() + offsetMs(entry.at);
  const revision = revisionThen(account, service, requireDefinition(account, entry.taskDefinition), createdMs);
  const record = records.record(service, revision, before ? [before] : [], createdMs, status);
  record.finishedMs = createdMs + 5 * minuteMs;
  record.updatedMs = record.finishedMs;
  if (status === 'SUCCESSFUL') return revision;
  if (status === 'STOPPED') {
    record.statusReason = 'Service deployment stopped.';
    return before;
  }
  const back =
    entry.rolledBackTo === undefined
      ? before
      : revisionThen(account, service, requireDefinition(account, entry.rolledBackTo), createdMs);
  if (back) record.rollback = { reason: 'Service deployment rolled back.', startedMs: createdMs, revision: back };
  return status === 'ROLLBACK_SUCCESSFUL' ? back : before;
}

function requireDefinition(account: SimulatedAccount, reference: string): TaskDefinitionRecord {
  const found = account.ecs.definitions.find(reference);
  if (!found) throw new Error(`the task definition ${reference} is not in the account`);
  return found;
}
