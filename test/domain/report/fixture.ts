/** A verified rollback of one service, as Report would see it; tests change what they are about. */
import type { Plan, Release, ServiceConfiguration, TimelineEntry } from '../../../lib/domain/model.ts';
import type { ReportFacts } from '../../../lib/domain/report/facts.ts';
import { policy } from '../../policy.ts';

export const definition = (revision: number) =>
  `arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:${revision}`;
export const group = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123456789abcdef`;
export const rule = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3';

const release = (revision: number, version: string, status: Release['status']): Release => ({
  service: 'checkout',
  side: 'main',
  version,
  taskDefinition: definition(revision),
  images: [],
  deployedAt: '2026-11-20T02:50:00.000Z',
  status,
});

export const configuration: ServiceConfiguration = {
  environment: 'production',
  account: '111122223333',
  region: 'eu-west-1',
  production: true,
  service: 'checkout',
  sides: [{ name: 'main', cluster: 'shop', service: 'checkout', targetGroup: group('checkout') }],
  traffic: { rules: [rule] },
  health: { probes: [], minimumRequestsPerMinute: 20 },
  baseline: { errorRatePercent: 0.5, p95ResponseTimeMs: 250 },
  policy,
  contacts: { incident_commander: { email: 'commander@example.com', audience: 'technical' } },
  triggers: [
    {
      triggerId: 'errors',
      name: 'Errors',
      condition: 'error_rate > baseline * 5 for 5 minutes',
      compiled: true,
      reason: '5 x baseline; the configured fallback of 0.5 % stands in',
      autoExecute: true,
      escalationContacts: ['incident_commander', 'nobody_known'],
      alarms: [],
    },
  ],
  runbook: {
    path: 'runbooks/checkout.json',
    runbookId: 'rb_test',
    sha256: 'f'.repeat(64),
    document: {
      communication_templates: [
        {
          template_type: 'rollback_complete',
          audience: 'technical',
          subject: 'Done: {migration_name} – {rollback_id}',
          body: 'It took {actual_duration}.\n{validation_results}\nRoom: {war_room_location}\n',
        },
        {
          template_type: 'emergency_escalation',
          audience: 'executive',
          subject: 'Emergency in {system_name}',
          body: '{current_status} / {failed_components} / {emergency_action_1} / {emergency_action_2}',
        },
      ],
      escalation_matrix: { emergency: { actions: ['Open the war room'] } },
      validation_checklist: ['Orders arrive'],
      post_rollback_procedures: ['Write the post-mortem'],
    },
  },
};

export const plan: Plan = {
  rollbackId: 'checkout-20261120-030405-1f2e3d',
  service: 'checkout',
  environment: 'production',
  createdAt: '2026-11-20T03:04:06.000Z',
  current: [],
  target: release(41, 'v2.7.3', 'good'),
  suspect: release(42, 'v2.8.0', 'unverified'),
  targetReason: 'It served for 9 days.',
  strategy: 'rolling',
  strategyReason: 'One side.',
  checks: [
    { name: 'target', status: 'ok', evidence: 'checkout:41 is ACTIVE.' },
    { name: 'migrations', status: 'not checked', evidence: 'Not looked at yet.' },
  ],
  actions: [
    {
      id: '1',
      type: 'RevertService',
      by: 'update-service',
      side: 'main',
      description: 'Put main back on checkout:41.',
      reason: 'It is the newest good release.',
      forward: { taskDefinition: definition(41) },
      reverse: { taskDefinition: definition(42) },
    },
  ],
  timeoutSeconds: 420,
  timeoutReason: 'Start and drain of the service.',
  outcome: null,
  reason: '1 action.',
};

const entry = (time: string, kind: string, message: string, data?: TimelineEntry['data']): TimelineEntry => ({
  time: `2026-11-20T${time}.000Z`,
  service: 'checkout',
  rollbackId: plan.rollbackId,
  kind,
  message,
  ...(data !== undefined && { data }),
});

export const facts: ReportFacts = {
  now: '2026-11-20T03:38:05.000Z',
  context: {
    rollbackId: plan.rollbackId,
    service: 'checkout',
    environment: 'production',
    executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:e1',
    startedAt: '2026-11-20T03:04:05.000Z',
    configurationKey: 'configuration/checkout/abc.json',
    configurationSha256: 'a'.repeat(64),
    fencingToken: 7,
    request: {
      service: 'checkout',
      version: 'previous',
      strategy: 'auto',
      scope: 'app',
      backup: true,
      dryRun: false,
      reason: '',
      confirmed: false,
      trigger: {
        alarmName: 'backstep/production/checkout/errors',
        alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/errors',
        time: '2026-11-20T03:04:02.000Z',
        eventId: 'event-1',
        triggerId: 'errors',
        autoExecute: true,
      },
    },
  },
  configuration,
  outcome: 'verified',
  reason: 'Healthy over the bake of 30 min.',
  plan,
  checkpoint: {
    key: 'checkpoints/checkout-20261120-030405-1f2e3d.json',
    rollbackId: plan.rollbackId,
    takenAt: '2026-11-20T03:04:06.000Z',
    sides: [
      {
        side: 'main',
        taskDefinition: definition(42),
        version: 'v2.8.0',
        deploymentStartedAt: '2026-11-20T02:59:00.000Z',
        desiredCount: 4,
        runningCount: 4,
        healthyTargets: 4,
        controller: 'ECS',
        rolloutState: 'COMPLETED',
      },
    ],
    rules: [{ rule, weights: { [group('checkout')]: 1 }, stickiness: { enabled: false } }],
  },
  verdict: {
    result: 'healthy',
    reason: 'All good.',
    measurements: [
      {
        name: 'error rate of main',
        value: 0.02,
        unit: '%',
        limit: 2.5,
        comparison: 'at most',
        ok: true,
        evidence: 'error rate of main is 0.02 % over 1210 requests: within the limit of at most 2.5 %.',
      },
    ],
  },
  failure: null,
  timeline: [
    entry('03:04:05', 'admitted', 'CloudWatch confirms the alarm.'),
    entry('03:04:06', 'plan.decided', '1 action.'),
    entry('03:04:07', 'action.applied', 'Side main goes from checkout:42 to checkout:41, 4 tasks.', { actionId: '1' }),
    entry('03:04:17', 'check.waiting', 'checkout:41 runs 1 of 4 tasks.', { actionId: '1' }),
    entry('03:05:27', 'check.done', 'checkout:41 runs 4 of 4 tasks.', { actionId: '1' }),
    entry('03:08:00', 'verdict.healthy', 'Healthy.'),
  ],
  notices: [{ audience: 'technical', sent: true, message: 'Done: checkout v2.8.0' }],
};

/** The same without an alarm: a person started it. */
export const byHand = (changes: Partial<ReportFacts>, reason = ''): ReportFacts => {
  const { trigger: _trigger, ...request } = facts.context.request;
  return { ...facts, context: { ...facts.context, request: { ...request, reason } }, ...changes };
};
