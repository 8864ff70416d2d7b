/** Scenarios drawn from a seed, and what must hold after any of them. A seed that breaks something is a bug report. */
import { join } from 'node:path';
import { operator } from '../../simulator/iam.ts';
import { Random } from '../../simulator/random.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { behaves, confirm, examples, type Story, start } from './shop.ts';

type Event = Story['events'][number];

/** The example's release, or failures that no release explains, with calls, invocations and events that fail by chance, and people who interfere. */
export function storyOf(seed: number): Story {
  const random = new Random(seed);
  const example = random.next() < 0.5 ? examples.oneSide : examples.twoSides;
  const { events } = loadScenario(join(example, 'scenario.json'));
  const cause = random.next() < 0.8 ? events : [behaves('PT5M', 'checkout:41', { errorRate: 0.3 })];
  return {
    name: `seed ${seed}`,
    example,
    events: [...cause, ...faults(random), ...people(random)],
    until: 'PT2H',
    expect: {},
  };
}

function faults(random: Random): Event[] {
  const calls = ['ecs:*', 'elasticloadbalancing:*', 'dynamodb:*', 's3:*', 'cloudwatch:*', 'sns:*', 'ssm:*', 'events:*'];
  const errors = [
    { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 },
    { code: 'InternalServerError', message: 'Internal error', status: 500 },
  ];
  const some = <T>(list: readonly T[]): T[] => list.filter(() => random.next() < 0.3);
  const one = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T;
  const duration = (): { for?: string } => (random.next() < 0.5 ? { for: `PT${1 + random.integer(10)}M` } : {});
  const at = (): string => `PT${3 + random.integer(15)}M`;
  return [
    ...some(calls).map((call) => ({
      at: at(),
      type: 'fault' as const,
      on: { call },
      effect: one([{ error: one(errors) }, { lost: true }, { latency: `PT${1 + random.integer(20)}S` }]),
      probability: one([0.02, 0.1, 0.4]),
      ...duration(),
    })),
    ...some(['Admit', 'Plan', 'ShiftTraffic', 'RevertService', 'CheckService', 'VerifyHealth', 'Report']).map(
      (invocation) => ({
        at: at(),
        type: 'fault' as const,
        on: { invocation },
        effect: one([{ lost: true }, { duplicate: 2 }, { latency: 'PT5S' }]),
        probability: one([0.1, 0.5]),
        ...duration(),
      }),
    ),
    ...some(['CloudWatch Alarm State Change', 'ECS Deployment State Change']).map((event) => ({
      at: 'PT1M',
      type: 'fault' as const,
      on: { event },
      effect: one([{ duplicate: 3 }, { latency: 'PT45S' }]),
    })),
  ];
}

function people(random: Random): Event[] {
  const at = (): string => `PT${4 + random.integer(30)}M${random.integer(60)}S`;
  const some = (chance: number, event: () => Event): Event[] => (random.next() < chance ? [event()] : []);
  return [
    ...some(0.3, () => start(at(), { service: 'checkout', confirm })),
    ...some(0.2, () => start(at(), { service: 'checkout', dryRun: true })),
    ...some(0.1, () => start(at(), { service: 'chekout' })),
  ];
}

const changing = new Set(['ecs:UpdateService', 'elasticloadbalancing:ModifyRule']);

/** What is wrong after the run, in words; nothing is right. */
export function brokenInvariants(run: FinishedRun): string[] {
  const { account, document, stack } = run;
  const wrong: string[] = document.failures.map(({ path, actual }) => `${path}: ${JSON.stringify(actual)}`);

  for (const execution of document.executions) {
    const { status, outcome, error, reason } = summaryOf(execution);
    if (status === 'RUNNING') wrong.push(`${execution.name} still runs`);
    else if (outcome === undefined && error !== 'InvalidInput')
      wrong.push(`${execution.name} ended ${status} ${error ?? ''} without an outcome: ${reason}`);
  }
  const unreported = document.executions.some(({ cause }) => JSON.stringify(cause ?? '').includes('Report failed'));
  for (const { physicalId } of Object.values(stack.resources).filter(({ type }) => type.startsWith('AWS::DynamoDB')))
    for (const item of account.dynamodb.items(physicalId))
      if (item.sk?.S === 'LOCK' && item.owner !== undefined && !unreported)
        wrong.push(`the lock is still held: ${JSON.stringify(item.owner)}`);

  for (const [rule, weights] of Object.entries(document.account.weights))
    if (Object.values(weights).every((weight) => weight === 0)) wrong.push(`all weights of ${rule} are zero`);

  // No change before its checkpoint is stored, and none that neither a release nor a person explains.
  // (A put whose answer was lost is stored: its repetition then fails with PreconditionFailed.)
  const done = [undefined, 'PreconditionFailed'];
  const calls = account.calls.filter(({ principal, error }) => principal !== operator.arn && done.includes(error));
  const change = calls.findIndex(({ service, operation }) => changing.has(`${service}:${operation}`));
  const checkpoint = calls.findIndex(
    ({ operation, resources }) => operation === 'PutObject' && resources.some((arn) => arn.includes('/checkpoints/')),
  );
  if (change >= 0 && (checkpoint < 0 || checkpoint > change)) wrong.push('a change before its checkpoint');
  const explained = run.scenario.events.some(
    (event) => event.type === 'deploy' || (event.type === 'start' && JSON.stringify(event.input).includes(confirm)),
  );
  if (change >= 0 && !explained) wrong.push('a rollback that no release and no person explains');

  const verified = document.executions.some((execution) => summaryOf(execution).outcome === 'verified');
  const on = Object.entries(document.account.alarms).filter(([, state]) => state === 'ALARM');
  if (verified && on.length > 0) wrong.push(`verified, but ${on.map(([name]) => name).join(', ')} is on`);
  return wrong;
}
