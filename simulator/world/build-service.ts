import type { SimulatedAccount } from '../account.ts';
import type { RevisionRecord, ServiceRecord, TaskDefinitionRecord } from '../services/ecs/model.ts';
import { offsetMs } from './duration.ts';
import type { ServiceSpec } from './spec.ts';

const minuteMs = 60_000;

/** A service as it stands long after its last deployment: every task running, its history on record. */
export function buildService(account: SimulatedAccount, spec: ServiceSpec): void {
  const { ecs, clock } = account;
  const history = [...(spec.history ?? [])].sort((a, b) => offsetMs(a.at) - offsetMs(b.at));
  const deployedMs = clock.now() + offsetMs(spec.deployedAt ?? '-P7D');
  const [oldest] = history;
  ecs.clusters.add(spec.cluster);
  const service = emptyService(account, spec, oldest ? clock.now() + offsetMs(oldest.at) : deployedMs);
  ecs.addService(service);

  const present = requireDefinition(account, spec.taskDefinition);
  let before: RevisionRecord | undefined;
  for (const entry of history) before = addHistory(account, service, entry, before);

  const revision = ecs.deployments.revision(service, present, deployedMs);
  const record = ecs.deployments.record(service, revision, before, deployedMs, 'SUCCESSFUL');
  record.finishedMs = Math.min(deployedMs + 5 * minuteMs, clock.now());
  record.updatedMs = record.finishedMs;
  const deployment = ecs.deployments.deployment(revision, record, deployedMs, 'COMPLETED');
  deployment.updatedMs = record.finishedMs;
  service.deployments.push(deployment);
  for (let task = 0; task < spec.desiredCount; task++) ecs.scheduler.tasks.adopt(service, deployment, deployedMs);
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
    status: 'ACTIVE',
    desiredCount: spec.desiredCount,
    minimumHealthyPercent: spec.minimumHealthyPercent ?? 100,
    maximumPercent: spec.maximumPercent ?? 200,
    circuitBreaker: spec.circuitBreaker ?? { enable: false, rollback: false },
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

function addHistory(
  account: SimulatedAccount,
  service: ServiceRecord,
  entry: NonNullable<ServiceSpec['history']>[number],
  before: RevisionRecord | undefined,
): RevisionRecord | undefined {
  const { deployments } = account.ecs;
  const status = entry.status ?? 'SUCCESSFUL';
  const createdMs = account.clock.now() + offsetMs(entry.at);
  const revision = deployments.revision(service, requireDefinition(account, entry.taskDefinition), createdMs);
  const record = deployments.record(service, revision, before, createdMs, status);
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
      : deployments.revision(service, requireDefinition(account, entry.rolledBackTo), createdMs);
  if (back) record.rollback = { reason: 'Service deployment rolled back.', startedMs: createdMs, revision: back };
  return status === 'ROLLBACK_SUCCESSFUL' ? back : before;
}

function requireDefinition(account: SimulatedAccount, reference: string): TaskDefinitionRecord {
  const found = account.ecs.definitions.find(reference);
  if (!found) throw new Error(`the task definition ${reference} is not in the account`);
  return found;
}
