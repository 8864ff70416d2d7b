/**
 * The scenario's `account` object: what exists in the simulated account before anything happens. Unknown keys are
 * refused. Times before the start are ISO 8601 durations such as `-P10D`.
 */
import { z } from 'zod';
import { codeDeployGroupSpec } from './codedeploy-spec.ts';
import { fileSpec, parameterSpec, secretSpec } from './configuration-spec.ts';
import { repositorySpec } from './registry-spec.ts';
import {
  capacityProviderSpec,
  circuitBreakerSpec,
  deploymentAlarmsSpec,
  scalingSpec,
  strategySpec,
} from './service-spec.ts';

const seconds = z.number().min(0);
const share = z.number().min(0).max(1);
const arn = z.string().regex(/^arn:/, 'must be an ARN');
const durationPattern = /^-?P(?=.)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/;
const duration = z.string().regex(durationPattern, 'must be an ISO 8601 duration such as -P10D or PT5M');
const tags = z.record(z.string().min(1).max(128), z.string().max(256)).optional();
const latency = z.strictObject({ p50: z.number().positive(), p95: z.number().positive() });

/** How a task behaves while it serves. */
const serving = {
  /** Share of requests answered with 500, 0..1. */
  errorRate: share.optional(),
  latencyMs: latency.optional(),
  /** What the task answers to health checks. */
  healthy: z.boolean().optional(),
  cpuPercent: z.number().min(0).max(100).optional(),
  memoryPercent: z.number().min(0).max(100).optional(),
};

export const behaviourSpec = z.strictObject({
  ...serving,
  /** From the decision to start the task until it is RUNNING. */
  startSeconds: seconds.optional(),
  /** From SIGTERM until it is STOPPED. */
  stopSeconds: seconds.optional(),
  /** The essential container exits this long after it started. */
  crashAfterSeconds: seconds.optional(),
  exitCode: z.number().int().optional(),
  /** The image cannot be pulled: tasks stop before they run. */
  imageMissing: z.boolean().optional(),
  /** What changes by itself, counted from the task's start; later entries win. */
  changes: z.array(z.strictObject({ afterSeconds: seconds, ...serving })).optional(),
});

export const taskDefinitionSpec = z.strictObject({
  family: z.string(),
  revision: z.number().int().positive().optional(),
  image: z.string().optional(),
  containers: z
    .array(
      z.strictObject({
        name: z.string(),
        image: z.string(),
        digest: z
          .string()
          .regex(/^sha256:/)
          .optional(),
        port: z.number().int().optional(),
        environment: z.record(z.string(), z.string()).optional(),
        /** Environment variable to what it comes from: name or ARN of a parameter, or ARN of a secret. */
        secrets: z.record(z.string(), z.string()).optional(),
        /** ARNs of files of environment variables in S3. */
        environmentFiles: z.array(fileSpec).max(10).optional(),
        /** Where awslogs sends its output. */
        log: z
          .strictObject({
            group: z.string().min(1).max(512),
            region: z.string().optional(),
            /** The agent makes the group where there is none. */
            create: z.boolean().optional(),
          })
          .optional(),
        labels: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  status: z.enum(['ACTIVE', 'INACTIVE']).optional(),
  taskRoleArn: arn.optional(),
  executionRoleArn: arn.optional(),
  registeredAt: duration.optional(),
  behaviour: behaviourSpec.optional(),
});

const stickiness = z.strictObject({
  enabled: z.boolean(),
  durationSeconds: z.number().int().min(1).max(604800).optional(),
});

const forwardSpec = z.strictObject({
  /** Target group ARN to weight, 0..999. */
  weights: z.record(arn, z.number().int().min(0).max(999)),
  stickiness: stickiness.optional(),
  /** Clients must have logged in first; the secret is never shown again. */
  oidc: z
    .strictObject({
      issuer: z.string(),
      authorizationEndpoint: z.string(),
      tokenEndpoint: z.string(),
      userInfoEndpoint: z.string(),
      clientId: z.string(),
      clientSecret: z.string(),
    })
    .optional(),
});

const loadBalancerSpec = z.strictObject({
  arn,
  /** DNS names that lead here, beside those in the rules' host conditions. */
  hosts: z.array(z.string()).optional(),
  listeners: z.array(
    z.strictObject({
      arn,
      port: z.number().int().optional(),
      protocol: z.enum(['HTTP', 'HTTPS']).optional(),
      /** Absent: the default action is a fixed 404. */
      default: forwardSpec.optional(),
      tags,
      rules: z
        .array(
          z.strictObject({
            arn,
            priority: z.number().int().min(1).max(50000),
            hosts: z.array(z.string()).optional(),
            paths: z.array(z.string()).optional(),
            forward: forwardSpec,
            tags,
          }),
        )
        .optional(),
    }),
  ),
});

const targetGroupSpec = z.strictObject({
  arn,
  port: z.number().int().optional(),
  protocol: z.enum(['HTTP', 'HTTPS']).optional(),
  deregistrationDelaySeconds: z.number().int().min(0).max(3600).optional(),
  healthCheck: z
    .strictObject({
      path: z.string().optional(),
      intervalSeconds: z.number().int().min(5).max(300).optional(),
      timeoutSeconds: z.number().int().min(2).max(120).optional(),
      healthyThreshold: z.number().int().min(2).max(10).optional(),
      unhealthyThreshold: z.number().int().min(2).max(10).optional(),
    })
    .optional(),
  /** Targets that belong to no ECS service. */
  targets: z
    .array(z.strictObject({ id: z.string(), port: z.number().int().optional(), behaviour: behaviourSpec.optional() }))
    .optional(),
});

const serviceSpec = z.strictObject({
  cluster: z.string(),
  name: z.string(),
  /** `family:revision`, or the ARN. */
  taskDefinition: z.string(),
  desiredCount: z.number().int().min(0),
  targetGroup: arn.optional(),
  container: z.strictObject({ name: z.string(), port: z.number().int() }).optional(),
  launchType: z.enum(['FARGATE', 'EC2']).optional(),
  /** When the running deployment began. */
  deployedAt: duration.optional(),
  /** Deployments before the running one. */
  history: z
    .array(
      z.strictObject({
        taskDefinition: z.string(),
        at: duration,
        status: z.enum(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']).optional(),
        /** With ROLLBACK_SUCCESSFUL: what it went back to. */
        rolledBackTo: z.string().optional(),
      }),
    )
    .optional(),
  controller: z.enum(['ECS', 'CODE_DEPLOY', 'EXTERNAL']).optional(),
  circuitBreaker: circuitBreakerSpec.optional(),
  /** Alarms that fail a deployment, unless one of them is on when it begins. */
  deploymentAlarms: deploymentAlarmsSpec.optional(),
  /** Blue/green, linear or canary deployments by ECS; rolling ones when absent. */
  strategy: strategySpec.optional(),
  /** DAEMON: `desiredCount` is the number of container instances. */
  scheduling: z.enum(['REPLICA', 'DAEMON']).optional(),
  /** Instead of the launch type. */
  capacityProviders: z.array(capacityProviderSpec).optional(),
  /** Application Auto Scaling. */
  scaling: scalingSpec.optional(),
  /** Name of the CloudFormation stack that the service belongs to, and how it stands; UPDATE_COMPLETE when absent. */
  stack: z
    .strictObject({
      name: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
      /** What the service is called in its template; `Service` when absent. */
      logicalId: z
        .string()
        .regex(/^[A-Za-z0-9]{1,255}$/)
        .optional(),
      status: z
        .enum(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'])
        .optional(),
    })
    .optional(),
  tags,
  minimumHealthyPercent: z.number().int().min(0).max(100).optional(),
  maximumPercent: z.number().int().min(100).max(200).optional(),
  healthCheckGracePeriodSeconds: seconds.optional(),
});

const trafficSpec = z.strictObject({
  host: z.string(),
  path: z.string().optional(),
  requestsPerSecond: z.number().min(0),
  /** Share of clients that keep cookies, 0..1. */
  stickyShare: share.optional(),
});

export const seriesSpec = z.strictObject({
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()).optional(),
  /** One point a minute with this value… */
  value: z.number().optional(),
  /** …or these points, times from the start. */
  points: z.array(z.strictObject({ at: duration, value: z.number() })).optional(),
  from: duration.optional(),
  to: duration.optional(),
});

/** An alarm that somebody else made, on one metric. */
const alarmSpec = z.strictObject({
  name: z.string().min(1).max(255),
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()).optional(),
  /** Average when absent. */
  statistic: z.enum(['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount']).optional(),
  comparison: z.enum([
    'GreaterThanThreshold',
    'GreaterThanOrEqualToThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  threshold: z.number(),
  periodSeconds: z.number().int().positive().optional(),
  evaluationPeriods: z.number().int().positive().optional(),
  treatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
});

const compositeAlarmSpec = z.strictObject({
  name: z.string().min(1).max(255),
  /** Over alarms that exist, e.g. `ALARM("errors") AND NOT ALARM("maintenance")`. */
  rule: z.string().min(1),
  /** While this alarm is in ALARM, the composite one takes no actions. */
  suppressor: z.strictObject({ alarm: z.string(), waitSeconds: seconds, extensionSeconds: seconds }).optional(),
});

/** What may change about a database in the middle of a scenario. */
export const databaseState = {
  /** As RDS names it: `available`, `storage-full`, `stopped`, … */
  status: z.string().min(1).optional(),
  /** How long a snapshot takes that starts from now on; 240 when absent. */
  snapshotSeconds: z.number().positive().optional(),
  /** A snapshot that starts from now on fails half way. */
  snapshotFails: z.boolean().optional(),
};

const databaseId = z
  .string()
  .regex(/^[a-z](?:-?[a-z0-9])*$/, 'an identifier of lower-case letters, digits and hyphens');

const databasesSpec = z.strictObject({
  instances: z
    .array(
      z.strictObject({
        id: databaseId,
        engine: z.string().optional(),
        engineVersion: z.string().optional(),
        multiAz: z.boolean().optional(),
        ...databaseState,
      }),
    )
    .optional(),
  clusters: z
    .array(
      z.strictObject({
        id: databaseId,
        engine: z.string().optional(),
        engineVersion: z.string().optional(),
        /** Identifiers of its instances, the writer first; they exist by being named here. */
        members: z.array(databaseId).optional(),
        ...databaseState,
      }),
    )
    .optional(),
  /** Manual snapshots that exist already, each of an instance or of a cluster. */
  snapshots: z
    .array(
      z
        .strictObject({ id: z.string(), instance: databaseId.optional(), cluster: databaseId.optional(), at: duration })
        .refine(({ instance, cluster }) => (instance === undefined) !== (cluster === undefined), {
          message: 'either instance or cluster',
        }),
    )
    .optional(),
  /** How many manual snapshots of either kind the account may have; 100 when absent. */
  manualSnapshotQuota: z.number().int().min(0).optional(),
});

export const accountSpec = z.strictObject({
  id: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  region: z.string().optional(),
  taskDefinitions: z.array(taskDefinitionSpec).optional(),
  targetGroups: z.array(targetGroupSpec).optional(),
  loadBalancers: z.array(loadBalancerSpec).optional(),
  clusters: z.array(z.string()).optional(),
  services: z.array(serviceSpec).optional(),
  databases: databasesSpec.optional(),
  /** CodeDeploy deployment groups, of services whose controller is CODE_DEPLOY. */
  deploymentGroups: z.array(codeDeployGroupSpec).optional(),
  /** ECR repositories. With none at all, every image can be pulled that its behaviour does not call missing. */
  repositories: z.array(repositorySpec).optional(),
  parameters: z.array(parameterSpec).optional(),
  secrets: z.array(secretSpec).optional(),
  /** ARNs of roles that task definitions name. */
  roles: z.array(z.string().regex(/^arn:aws:iam::\d{12}:role\/.+$/, 'the ARN of a role')).optional(),
  logGroups: z.array(z.string().min(1).max(512)).optional(),
  /** ARNs of objects in S3 that task definitions name; empty ones. */
  files: z.array(fileSpec).optional(),
  traffic: z.array(trafficSpec).optional(),
  metrics: z.array(seriesSpec).optional(),
  alarms: z.array(alarmSpec).optional(),
  /** In an order in which each names only alarms before it. */
  compositeAlarms: z.array(compositeAlarmSpec).optional(),
  /** Minutes of metrics that exist before the start; 60 when absent. */
  historyMinutes: z.number().int().min(0).max(1440).optional(),
});

export type AccountSpec = z.infer<typeof accountSpec>;
export type BehaviourSpec = z.infer<typeof behaviourSpec>;
export type TaskDefinitionSpec = z.infer<typeof taskDefinitionSpec>;
export type ForwardSpec = z.infer<typeof forwardSpec>;
export type LoadBalancerSpec = z.infer<typeof loadBalancerSpec>;
export type TargetGroupSpec = z.infer<typeof targetGroupSpec>;
export type ServiceSpec = z.infer<typeof serviceSpec>;
export type DatabasesSpec = z.infer<typeof databasesSpec>;
export type TrafficSpec = z.infer<typeof trafficSpec>;
export type SeriesSpec = z.infer<typeof seriesSpec>;
export type AlarmSpec = z.infer<typeof alarmSpec>;
export type CompositeAlarmSpec = z.infer<typeof compositeAlarmSpec>;

export { buildWorld } from './build.ts';
