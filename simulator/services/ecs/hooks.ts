/** Lifecycle hooks: what a deployment waits for at a stage. */
import type {
  DeploymentLifecycleHook,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookDetail,
  DeploymentLifecycleHookStatus,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import type { Course } from './course.ts';
import type { ServiceDeploymentRecord, ServiceRecord } from './model.ts';
import type { Stage } from './strategy.ts';

/** What a hook's function answers, for ever. */
export type HookAnswer = 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';

export interface HookRecord {
  readonly id: string;
  readonly hook: DeploymentLifecycleHook;
  readonly stage: Stage;
  readonly expiresMs: number;
  readonly timeoutAction: DeploymentLifecycleHookAction;
  status: DeploymentLifecycleHookStatus;
  /** What somebody answered to a pause. */
  answer?: DeploymentLifecycleHookAction;
}

const defaultTimeoutMinutes = 1440;

/**
 * Runs all hooks of a stage, side by side.
 *
 * @returns whether the deployment goes on; otherwise why it must roll back
 * @throws CalledOff
 */
export async function runHooks(
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  stage: Stage,
  course: Course,
): Promise<{ goOn: true } | { goOn: false; reason: string }> {
  const hooks = (record.configuration.lifecycleHooks ?? []).filter((hook) =>
    hook.lifecycleStages?.some((one) => one === stage),
  );
  record.hooks = hooks.map((hook, at) => newHook(account, record, hook, stage, at));
  for (const hook of record.hooks) if (hook.status === 'AWAITING_ACTION') announce(account, service, hook);
  const expiries = record.hooks.map((hook) =>
    account.clock.at(hook.expiresMs, () => {
      if (isOpen(hook)) hook.status = 'TIMED_OUT';
      course.poke();
    }),
  );
  const refusals = () => record.hooks.map(refusal).filter((reason) => reason !== undefined);
  // One refusal is enough, whatever the others still wait for.
  await course
    .until(() => refusals().length > 0 || !record.hooks.some(isOpen))
    .finally(() => {
      for (const expiry of expiries) expiry.cancel();
    });
  const [reason] = refusals();
  return reason === undefined ? { goOn: true } : { goOn: false, reason };
}

const isOpen = ({ status }: HookRecord): boolean => status === 'AWAITING_ACTION' || status === 'IN_PROGRESS';

export const showHook = ({
  id,
  hook,
  status,
  expiresMs,
  timeoutAction,
}: HookRecord): DeploymentLifecycleHookDetail => ({
  hookId: id,
  targetType: hook.targetType ?? 'AWS_LAMBDA',
  ...(hook.hookTargetArn === undefined ? {} : { targetArn: hook.hookTargetArn }),
  status,
  expiresAt: new Date(expiresMs),
  timeoutAction,
});

function newHook(
  account: SimulatedAccount,
  record: ServiceDeploymentRecord,
  hook: DeploymentLifecycleHook,
  stage: Stage,
  at: number,
): HookRecord {
  const { timeoutInMinutes = defaultTimeoutMinutes, action = 'ROLLBACK' } = hook.timeoutConfiguration ?? {};
  const kind = hook.targetType === 'PAUSE' ? 'pause' : 'lambda';
  const nowMs = account.clock.now();
  return {
    id: `ecs-${kind}-${account.random.fork(`hook ${record.arn} ${stage} ${at} ${nowMs}`).hex(43)}`,
    hook,
    stage,
    expiresMs: nowMs + timeoutInMinutes * 60_000,
    timeoutAction: action,
    status: kind === 'pause' ? 'AWAITING_ACTION' : account.ecs.hookAnswer(hook.hookTargetArn ?? ''),
  };
}

function refusal({ status, stage, timeoutAction, answer, hook }: HookRecord): string | undefined {
  const what = hook.targetType === 'PAUSE' ? 'pause hook' : `hook ${hook.hookTargetArn}`;
  if (status === 'FAILED') return `the ${what} at ${stage} failed`;
  if (status === 'TIMED_OUT' && timeoutAction === 'ROLLBACK') return `the ${what} at ${stage} timed out`;
  if (answer === 'ROLLBACK') return `the ${what} at ${stage} was answered with ROLLBACK`;
  return undefined;
}

function announce(account: SimulatedAccount, service: ServiceRecord, { id, stage, expiresMs }: HookRecord): void {
  account.events.emit({
    source: 'aws.ecs',
    'detail-type': 'ECS Hook State Change',
    resources: [service.arn],
    detail: {
      eventType: 'INFO',
      eventName: 'HOOK_AWAITING_ACTION',
      hookId: id,
      lifecycleStage: stage,
      expiresAt: new Date(expiresMs).toISOString(),
      updatedAt: account.clock.iso(),
    },
  });
}
