import { z } from 'zod';

/**
 * The shape of backstep.json. Every message here completes the sentence `found …, allowed: …`; rules between fields are
 * in rules.ts, because they are reported beside the shape's problems and not after them.
 */

/** An object that refuses unknown keys; explain.ts turns the list of known ones into a suggestion. */
const section = <T extends z.core.$ZodLooseShape>(shape: T, words: string) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : words),
  });

const text = (allowed: string, pattern = /\S/) => z.string(allowed).regex(pattern, allowed);
const whole = (unit: string, min: number, max: number) => {
  const allowed = `a whole number${unit ? ` of ${unit}` : ''} from ${min} to ${max}`;
  return z.number(allowed).int(allowed).min(min, allowed).max(max, allowed);
};
const amount = (unit: string, min: number, max: number) => {
  const allowed = `a number of ${unit} from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};
const oneOf = <const T extends readonly [string, ...string[]]>(values: T, remark = '') =>
  z.enum(values, `${values.map((value) => `"${value}"`).join(', ')}${remark}`);

export const names = {
  environment: 'a name of lower-case letters, digits and hyphens, at most 24, that begins with a letter',
  service: 'a name of letters, digits, hyphens and underscores, at most 63, that begins with a letter',
  targetGroup: 'the ARN of a target group: arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>',
  rule:
    "the ARN of an Application Load Balancer's listener rule, or of a listener for its default action: " +
    'arn:aws:elasticloadbalancing:<region>:<account>:listener-rule/app/<name>/<id>/<id>/<id>',
};

const side = section(
  {
    name: text(names.service, /^[A-Za-z][\w-]{0,62}$/).describe('What people call this side: `main`, `blue`, `green`.'),
    cluster: text('the name of an ECS cluster, not its ARN', /^[\w-]{1,255}$/).describe('Name of the ECS cluster.'),
    service: text('the name of an ECS service, not its ARN', /^[\w-]{1,255}$/).describe('Name of the ECS service.'),
    targetGroup: text(names.targetGroup, /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\/[\w-]+\/\w+$/)
      .optional()
      .describe('ARN of the target group that this side serves. Leave out for workers.'),
    alternateTargetGroup: text(
      names.targetGroup,
      /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\/[\w-]+\/\w+$/,
    )
      .optional()
      .describe(
        'ARN of the other target group, where ECS (blue/green, linear, canary) or CodeDeploy moves the traffic between two: ' +
          'each deployment changes which of them serves.',
      ),
    codeDeploy: section(
      {
        application: text('the name of a CodeDeploy application', /^[^\s/]{1,100}$/),
        group: text('the name of a CodeDeploy deployment group', /^[^\s/]{1,100}$/),
      },
      'an object with application and group',
    )
      .optional()
      .describe('The deployment group, where CodeDeploy deploys the service.'),
  },
  'an object with name, cluster, service and, behind a load balancer, targetGroup',
);

const companion = section(
  {
    cluster: text('the name of an ECS cluster, not its ARN', /^[\w-]{1,255}$/).describe('Name of the ECS cluster.'),
    service: text('the name of an ECS service, not its ARN', /^[\w-]{1,255}$/).describe('Name of the ECS service.'),
    dependsOn: z
      .array(text('the name of a companion, or of the side'), 'a list of names of companions, or of the side')
      .default([])
      .describe('Companions, or the side, that this one calls: it is reverted before them.'),
  },
  'an object with cluster and service',
);

const traffic = section(
  {
    rules: z
      .array(
        text(
          names.rule,
          /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:listener(?:-rule)?\/app\/[\w-]+(?:\/\w+){2,3}$/,
        ),
        'a list of ARNs of listener rules or listeners',
      )
      .default([])
      .describe('Every rule (or listener, for its default action) that forwards to the sides.'),
    sharedLoadBalancer: z
      .boolean('true or false')
      .optional()
      .describe(
        'Whether other services are behind the same load balancer. Errors that the load balancer makes itself count only ' +
          'where it is not shared. Default: true if another service in this environment uses it, otherwise false.',
      ),
  },
  'an object with rules',
);

const probe = section(
  {
    url: text(
      'a URL that begins with http:// or https:// and has a host name',
      /^https?:\/\/[^\s/?#@]+([/?][^\s#]*)?$/,
    ).describe('Asked after the rollback, as a user would.'),
    expectStatus: whole('', 100, 599).default(200).describe('The HTTP status that means healthy.'),
    timeoutMs: whole('milliseconds', 100, 10_000).default(5_000).describe('An answer later than this is none.'),
  },
  'an object with url',
);

const health = section(
  {
    probes: z.array(probe, 'a list of probes').max(10, 'at most 10 probes').default([]),
    minimumRequestsPerMinute: whole('requests', 1, 1_000_000)
      .default(20)
      .describe('Fewer requests than this in a minute say nothing about error rate or response time.'),
  },
  'an object with probes and minimumRequestsPerMinute',
);

const baseline = section(
  {
    errorRatePercent: amount('percent', 0, 100).default(1).describe('Normal share of requests answered with 5XX.'),
    p95ResponseTimeMs: amount('milliseconds', 1, 60_000)
      .default(500)
      .describe('Normal 95th percentile of response time.'),
  },
  'an object with errorRatePercent and p95ResponseTimeMs',
);

const stepList = 'a list of 1 to 10 rising percentages, each from 1 to 100, the last 100';
const percentages = (standard: readonly number[]) =>
  z
    .array(amount('percent', 1, 100), stepList)
    .refine((list) => list.length >= 1 && list.length <= 10 && list.at(-1) === 100 && rises(list), stepList)
    .default([...standard]);
const rises = (list: readonly number[]): boolean =>
  list.every((each, index) => index === 0 || each > (list[index - 1] ?? 0));

const steps = section(
  {
    'blue-green': percentages([50, 100]).describe("Shares of the traffic that the target's side gets, one by one."),
    canary: percentages([10, 50, 100]).describe("Shares of the traffic that the target's side gets, one by one."),
  },
  'an object with blue-green and canary',
);

/** What exists today. The others of the request's vocabulary are refused here rather than at three in the morning. */
const policy = section(
  {
    strategy: oneOf(['auto', 'rolling', 'instant', 'blue-green', 'canary'], ' ("flags" is not available yet)')
      .default('auto')
      .describe('How a rollback is done when its start names no strategy.'),
    scope: oneOf(['app'], ' ("app-db" and "full" are not available yet)')
      .default('app')
      .describe('How much a rollback undoes when its start names no scope.'),
    backup: oneOf(['required', 'preferred', 'off'])
      .default('required')
      .describe('Whether a snapshot of the database must be accepted before the first change.'),
    awaitBackup: z
      .boolean('true or false')
      .default(false)
      .describe('Whether the snapshot must be available, not only accepted, before the first change. Delays the cure.'),
    snapshotMinutes: whole('minutes', 1, 720)
      .default(120)
      .describe('A snapshot that takes longer is told to people; a required one then needs their attention.'),
    unknownMigrations: oneOf(['ask', 'proceed', 'block'])
      .default('ask')
      .describe('What a database means whose migrations since the target nobody has looked at.'),
    approvalMinutes: whole('minutes', 1, 720)
      .default(60)
      .describe('How long a person has to answer when a rollback asks first.'),
    approvalDefault: oneOf(['decline', 'approve']).default('decline').describe('What it means when nobody answers.'),
    steps: steps.prefault({}),
    stepSeconds: whole('seconds', 60, 3600)
      .default(120)
      .describe('How long each step but the last is held at least, before the health of the receiving side is judged.'),
    badSide: oneOf(['leave', 'scale-in', 'revert'])
      .default('leave')
      .describe('What becomes of the side that the traffic left, once the rollback is verified.'),
    foreignDeployment: oneOf(['halt', 'adopt'])
      .default('halt')
      .describe(
        'What it means when somebody deploys in the middle of a rollback: stop there, or follow that deployment.',
      ),
    furtherBack: z
      .boolean('true or false')
      .default(false)
      .describe(
        'Whether "previous" may pass over a good release whose image or task definition is gone, for an older good one. ' +
          'Otherwise the rollback is blocked.',
      ),
    bakeMinutes: whole('minutes', 0, 1440).default(30).describe('How long it is watched before it counts as verified.'),
    attributionMinutes: whole('minutes', 1, 1440)
      .default(120)
      .describe('An alarm rolls back only a release that began at most this long before.'),
    cooldownMinutes: whole('minutes', 0, 10_080)
      .default(60)
      .describe('After a rollback, alarms start no other for this long. People still can.'),
    rollbacksPerDay: whole('rollbacks', 1, 100)
      .default(2)
      .describe('After this many in 24 hours, alarms start no other. People still can.'),
  },
  'an object of policies, each of which has a default',
);

export const metricUnits = [
  'percent',
  'fraction',
  'milliseconds',
  'seconds',
  'bytes',
  'bytes/second',
  'bytes/minute',
  'count',
  'count/second',
  'count/minute',
] as const;

const periods = 'a multiple of 60 seconds from 60 to 3600';

const metric = section(
  {
    namespace: text('the CloudWatch namespace of the metric', /^[^:\s][^:]{0,254}$/),
    metricName: text('the CloudWatch name of the metric', /^.{1,255}$/),
    dimensions: z
      .record(
        text('the name of a dimension'),
        text('the value of a dimension, a string'),
        'an object of dimension names and values',
      )
      .default({})
      .describe('Exactly the dimensions that the metric is published with.'),
    statistic: text(
      'Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95',
      /^(?:Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(?:\.\d{1,2})?)$/,
    ).default('Average'),
    unit: oneOf(metricUnits)
      .optional()
      .describe('What the metric counts in, so that percent and fraction are never confused.'),
    periodSeconds: z
      .number(periods)
      .min(60, periods)
      .max(3600, periods)
      .multipleOf(60, periods)
      .default(60)
      .describe('How often the metric is published. A period without a value is treated as treatMissingData says.'),
    treatMissingData: oneOf(['breaching', 'notBreaching', 'ignore', 'missing'])
      .default('notBreaching')
      .describe('What a period without a value means; `breaching` for a sign of life.'),
  },
  'an object with namespace, metricName, dimensions and statistic',
);

const adoptedAlarm = section(
  {
    autoExecute: z
      .boolean('true or false')
      .describe('true rolls back by itself, false asks a person, as auto_execute does in a runbook.'),
    triggerId: text('the trigger_id of a trigger in the runbook', /^[A-Za-z0-9][\w.-]{0,99}$/)
      .optional()
      .describe('The trigger of the runbook that the alarm stands for: its words and contacts then are used.'),
    side: text(names.service, /^[A-Za-z][\w-]{0,62}$/)
      .optional()
      .describe('The side that the alarm watches, where it watches one of two.'),
  },
  'an object with autoExecute',
);

const database = section(
  {
    instance: text('the identifier of an RDS instance', /^[A-Za-z][A-Za-z0-9-]{0,62}$/).optional(),
    cluster: text('the identifier of an Aurora cluster', /^[A-Za-z][A-Za-z0-9-]{0,62}$/).optional(),
  },
  'an object with instance or cluster',
);

export const serviceSchema = section(
  {
    sides: z
      .array(side, 'a list of one or two sides')
      .min(1, 'one or two sides')
      .max(2, 'one or two sides')
      .describe(
        'One side: the cure is its previous task definition. Two: traffic moves to the side that runs the target.',
      ),
    companions: z
      .record(text(names.service, /^[A-Za-z][\w-]{0,62}$/), companion, 'an object of companions')
      .refine((companions) => Object.keys(companions).length <= 20, 'at most 20 companions')
      .default({})
      .describe(
        'ECS services that are deployed together with this one and carry no traffic of its rules: workers, schedulers, ' +
          'an internal API. A rollback puts them back too.',
      ),
    traffic: traffic.prefault({}),
    database: database.optional().describe('The database that a rollback must not endanger.'),
    health: health.prefault({}),
    baseline: baseline.prefault({}).describe('Stands in for the measured baseline until one is published.'),
    runbook: text('the path of a rollback runbook, relative to this file').describe('Path relative to this file.'),
    metrics: z
      .record(
        text('the name of a metric as the runbook writes it', /^[A-Za-z_][\w.-]{0,127}$/),
        metric,
        'an object of metric names as the runbook writes them',
      )
      .default({})
      .describe('CloudWatch sources for metrics of the runbook that Backstep does not know, or knows elsewhere.'),
    adoptedAlarms: z
      .record(
        // CloudWatch's own rule: anything but control characters.
        text('the name of a CloudWatch alarm of this account and region', /^[^\p{Cc}\p{Cs}]{1,255}$/u),
        adoptedAlarm,
        'an object of alarm names',
      )
      .default({})
      .describe('Alarms that exist already, metric or composite, and start a rollback as compiled ones do.'),
    runbookUrl: text(
      'a URL that begins with http:// or https://, at most 300 characters',
      /^https?:\/\/[^\s/?#@]+[^\s]{0,270}$/,
    )
      .optional()
      .describe("Where people find what to do: every alarm's description links to it."),
    policy: policy.prefault({}),
  },
  'an object with sides and runbook',
);

const contact = section(
  {
    email: text('an e-mail address', /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+$/),
    audience: oneOf(['technical', 'business', 'executive']).default('technical'),
  },
  'an object with email',
);

export const environmentSchema = section(
  {
    account: text('the 12 digits of an AWS account, in quotes', /^\d{12}$/),
    region: text('an AWS region such as eu-west-1', /^[a-z]{2}(?:-[a-z]+)+-\d$/),
    production: z
      .boolean('true or false')
      .default(true)
      .describe('Whether a start by hand needs the phrase ROLLBACK PRODUCTION.'),
    contacts: z
      .record(text('the name of a contact as runbooks write it', /^[\w.-]{1,128}$/), contact, 'an object of contacts')
      .default({})
      .describe("Who is told. The names are those of the runbook's escalation_contacts."),
    services: z
      .record(text(names.service, /^[A-Za-z][\w-]{0,62}$/), serviceSchema, 'an object with at least one service')
      .refine((services) => Object.keys(services).length > 0, 'an object with at least one service'),
  },
  'an object with account, region and services',
);

export const configurationSchema = section(
  {
    $schema: z.string('a path or URL').optional(),
    environments: z
      .record(
        text(names.environment, /^[a-z][a-z0-9-]{0,23}$/),
        environmentSchema,
        'an object with at least one environment',
      )
      .refine((environments) => Object.keys(environments).length > 0, 'an object with at least one environment'),
  },
  'an object with environments',
);

export type ConfigurationFile = z.output<typeof configurationSchema>;
export type EnvironmentSection = z.output<typeof environmentSchema>;
export type ServiceSection = z.output<typeof serviceSchema>;
/** As they may be written, with defaults left out. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
export type ServiceInput = z.input<typeof serviceSchema>;
