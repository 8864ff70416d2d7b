/** Facts as the adapters would read them, for tests of decisions. */
import type { DeploymentView, ServiceView, TaskDefinitionView } from '../../lib/domain/ecs.ts';
import type {
  AlarmTrigger,
  Release,
  RollbackContext,
  RollbackRecord,
  RollbackRequest,
  ServiceConfiguration,
  Side,
} from '../../lib/domain/model.ts';
import type { PlanFacts, SideFacts } from '../../lib/domain/plan-facts.ts';
import { policy } from '../policy.ts';

export const taskDefinition = (revision: number, family = 'checkout'): string =>
  `arn:aws:ecs:eu-west-1:111122223333:task-definition/${family}:${revision}`;

export const targetGroup = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123456789abcdef`;

export const rule = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3';

/** 2026-11-20, UTC. */
export const at = (time: string): string => `2026-11-20T${time}.000Z`;

export const release = (revision: number, deployedAt: string, more: Partial<Release> = {}): Release => ({
  service: 'checkout',
  side: 'main',
  version: `v${revision}`,
  taskDefinition: taskDefinition(revision),
  images: [{ container: 'app', image: `shop/checkout:v${revision}` }],
  deployedAt,
  status: 'good',
  ...more,
});

export const deployment = (
  revision: number,
  createdAt: string,
  more: Partial<DeploymentView> = {},
): DeploymentView => ({
  id: `ecs-svc/${revision}`,
  status: 'PRIMARY',
  taskDefinition: taskDefinition(revision),
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  failedTasks: 0,
  rolloutState: 'COMPLETED',
  createdAt,
  updatedAt: createdAt,
  ...more,
});

export const service = (primary: DeploymentView, more: Partial<ServiceView> = {}): ServiceView => ({
  side: 'main',
  serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout',
  status: 'ACTIVE',
  taskDefinition: primary.taskDefinition,
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  controller: 'ECS',
  strategy: 'ROLLING',
  scheduling: 'REPLICA',
  pauses: [],
  movingSeconds: 0,
  containers: [],
  deployments: [primary],
  circuitBreaker: { enabled: true, rollback: true },
  deploymentAlarms: [],
  healthCheckGraceSeconds: 0,
  percent: { minimumHealthy: 100, maximum: 200 },
  targetGroups: [],
  currentRevisions: [],
  document: {},
  ...more,
});

export const definition = (revision: number, more: Partial<TaskDefinitionView> = {}): TaskDefinitionView => ({
  taskDefinition: taskDefinition(revision),
  family: 'checkout',
  revision,
  status: 'ACTIVE',
  version: `v${revision}`,
  images: [{ container: 'app', image: `shop/checkout:v${revision}` }],
  stopTimeoutSeconds: 30,
  startPeriodSeconds: 0,
  document: {},
  ...more,
});

export const side = (name: string): Side => ({
  name,
  cluster: 'shop',
  service: `checkout-${name}`,
  targetGroup: targetGroup(name),
});

export const configuration = (more: Partial<ServiceConfiguration> = {}): ServiceConfiguration => ({
  environment: 'production',
  account: '111122223333',
  region: 'eu-west-1',
  production: true,
  service: 'checkout',
  sides: [side('main')],
  traffic: { rules: [rule] },
  health: { probes: [], minimumRequestsPerMinute: 20 },
  baseline: { errorRatePercent: 0.5, p95ResponseTimeMs: 200 },
  policy,
  contacts: {},
  triggers: [],
  runbook: { path: 'runbook.json', runbookId: 'rb-1', sha256: '', document: {} },
  ...more,
});

export const trigger = (more: Partial<AlarmTrigger> = {}): AlarmTrigger => ({
  alarmName: 'backstep/production/checkout/errors/main',
  alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/errors/main',
  time: at('03:00:00'),
  eventId: 'event-1',
  triggerId: 'errors',
  autoExecute: true,
  ...more,
});

export const request = (more: Partial<RollbackRequest> = {}): RollbackRequest => ({
  service: 'checkout',
  version: 'previous',
  strategy: 'auto',
  scope: 'app',
  backup: true,
  dryRun: false,
  reason: '',
  confirmed: false,
  ...more,
});

export const context = (more: Partial<RollbackRequest> = {}): RollbackContext => ({
  rollbackId: 'checkout-20261120-030000-abc123',
  service: 'checkout',
  environment: 'production',
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:1',
  startedAt: at('03:00:01'),
  configurationKey: 'configuration/checkout/00.json',
  configurationSha256: '00',
  fencingToken: 1,
  request: request({ trigger: trigger(), ...more }),
});

export const rollback = (more: Partial<RollbackRecord> = {}): RollbackRecord => ({
  rollbackId: 'checkout-20261120-010000-ffffff',
  service: 'checkout',
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:0',
  startedAt: at('01:00:00'),
  automatic: true,
  executes: true,
  ...more,
});

/** One side of a service as it was read. */
export const sideFacts = (name: string, primary: DeploymentView, more: Partial<SideFacts> = {}): SideFacts => ({
  side: side(name),
  service: service(primary, { side: name }),
  definition: definition(Number(primary.taskDefinition.split(':').at(-1))),
  health: { targetGroup: targetGroup(name), healthy: 4, registered: 4, problems: [] },
  targetGroup: { deregistrationSeconds: 60, healthySeconds: 20, sticky: false },
  answeredRequests: 12_000,
  ...more,
});

/** Checkout on checkout:42 since 02:58, alarm at 03:00, and checkout:41 as the target. */
export const planFacts = (more: Partial<PlanFacts> = {}): PlanFacts => ({
  now: at('03:00:03'),
  context: context(),
  configuration: configuration(),
  sides: [sideFacts('main', deployment(42, at('02:58:00')))],
  rules: [{ rule, weights: { rule, weights: { [targetGroup('main')]: 1 }, stickiness: { enabled: false } } }],
  suspect: { side: 'main', taskDefinition: taskDefinition(42), version: 'v42', begunAt: at('02:58:00') },
  choice: { kind: 'found', release: release(41, at('01:00:00')), reason: 'v41 is the newest known good release.' },
  targetDefinition: definition(41),
  ...more,
});
