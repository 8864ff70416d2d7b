/** Faults drawn from a seed, at every call, invocation and event of Backstep's. */
import { functionNames } from '../../../lib/constructs/function-names.ts';
import { operator } from '../../../simulator/iam.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { AwsError, type FaultEffect, type FaultHook, type FaultPoint } from '../../../simulator/service.ts';
import type { Dice } from './dice.ts';

/** How likely what is, this time. */
interface Climate {
  readonly before: number;
  readonly after: number;
  readonly slow: number;
  /** The Lambda dies right after this call took effect. */
  readonly death: number;
  readonly invocation: number;
  readonly event: number;
  /** Milliseconds from the start of the run. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function climateOf(dice: Dice): Climate {
  const rate = (): number => dice.one([0, 0, 0.01, 0.05, 0.25]);
  const fromMs = dice.between(3, 8) * 60_000;
  return {
    before: rate(),
    after: rate(),
    slow: rate(),
    death: dice.one([0, 0, 0.02, 0.1, 0.3]),
    invocation: rate(),
    event: dice.one([0, 0, 0.1, 0.4]),
    fromMs,
    toMs: fromMs + dice.one([2, 10, 60]) * 60_000,
  };
}

/** @param dead functions whose present invocation is dead: whatever it still tries, fails */
export function weather({ account, startMs }: LiveRun, climate: Climate, dice: Dice): FaultHook {
  const dead = new Set<string>();
  const effects = { call: callEffect, invocation: invocationEffect, event: eventEffect };

  function callEffect(point: FaultPoint & { kind: 'call' }): FaultEffect | undefined {
    const name = functionOf(point.principal);
    if (point.principal === operator.arn || name === undefined) return undefined;
    if (dead.has(name)) return { error: new AwsError('Killed', 'The Lambda is dead: injected', { status: 400 }) };
    if (/^(Put|Update|Modify|Publish)/.test(point.operation) && dice.happens(climate.death)) {
      dead.add(name);
      return undefined;
    }
    if (dice.happens(climate.before))
      return dice.one([{ error: throttling() }, { error: fault() }, { delayMs: 5_000 }]);
    if (dice.happens(climate.after)) return { errorAfter: dice.one([throttling(), fault()]) };
    return dice.happens(climate.slow) ? { delayMs: dice.between(200, 3_500) } : undefined;
  }

  function invocationEffect({ functionName }: FaultPoint & { kind: 'invocation' }): FaultEffect | undefined {
    const name = functionOf(functionName);
    if (name !== undefined) dead.delete(name);
    if (!dice.happens(climate.invocation)) return undefined;
    return dice.one<FaultEffect>([
      { error: new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 }) },
      { errorAfter: new AwsError('ServiceException', 'The answer was lost: injected', { status: 500 }) },
      { deliveries: 2 },
      { deliveries: 0 },
      { delayMs: dice.between(1_000, 40_000) },
    ]);
  }

  function eventEffect(): FaultEffect | undefined {
    if (!dice.happens(climate.event)) return undefined;
    return dice.one([{ deliveries: 0 }, { deliveries: 3 }, { delayMs: dice.between(5_000, 300_000) }]);
  }

  return (point) => {
    const sinceMs = account.clock.now() - startMs;
    if (sinceMs < climate.fromMs || sinceMs > climate.toMs) return undefined;
    return (effects[point.kind] as (point: FaultPoint) => FaultEffect | undefined)(point);
  };
}

/** Which of our Lambdas a role or function name belongs to. */
export function functionOf(name: string): string | undefined {
  const part = name.slice(name.lastIndexOf('/') + 1);
  return functionNames.find(
    (candidate) => part.includes(candidate) || part.toLowerCase().includes(candidate.toLowerCase()),
  );
}

const throttling = () => new AwsError('ThrottlingException', 'Rate exceeded: injected', { status: 400 });
const fault = () => new AwsError('InternalServerError', 'Internal error: injected', { status: 500 });

/** Permissions whose loss a rollback may meet. */
const losable = [
  ['Admit', 'dynamodb:PutItem'],
  ['Admit', 'cloudwatch:DescribeAlarms'],
  ['Plan', 's3:PutObject'],
  ['Plan', 'ecs:DescribeTaskDefinition'],
  ['RevertService', 'ecs:UpdateService'],
  ['RevertService', 'dynamodb:GetItem'],
  ['ShiftTraffic', 'elasticloadbalancing:ModifyRule'],
  ['CheckTraffic', 'cloudwatch:GetMetricData'],
  ['Compensate', 'elasticloadbalancing:ModifyRule'],
  ['StartSnapshot', 'rds:CreateDBClusterSnapshot'],
  ['AcceptApproval', 'dynamodb:UpdateItem'],
  ['RequestApproval', 'sns:Publish'],
  ['ScaleIn', 'ecs:UpdateService'],
  ['CheckService', 'ecs:DescribeServices'],
  ['VerifyHealth', 'cloudwatch:GetMetricData'],
  ['Report', 'sns:Publish'],
  ['Report', 's3:PutObject'],
  ['Report', 'dynamodb:UpdateItem'],
] as const;

export function losePermission({ account }: LiveRun, dice: Dice): string {
  const [name, action] = dice.one(losable);
  const role = account.iam.roles.find((arn) => functionOf(arn) === name);
  if (role) account.iam.removeAction(role, action);
  return `${name} may no longer ${action}`;
}
