/**
 * GiveBack: gives back what rollbacks owe and what is due. As a state it looks at its own service; on a schedule at all of
 * them, but for those that somebody is at work on. Repeating it changes nothing. It asks no kill switch: it decides
 * nothing new, it only puts back what people had.
 *
 * Calls: ssm:GetParametersByPath, dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem,
 * states:DescribeExecution, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * elasticloadbalancing:ModifyRule, elasticloadbalancing:ModifyListener, application-autoscaling:DescribeScalableTargets,
 * application-autoscaling:RegisterScalableTarget, ecs:DescribeServices, ecs:UpdateService (it asks for both), events:PutEvents
 */
import { sameLock } from '../lib/domain/lock.ts';
import { type Debt, type DebtKind, decideStickiness, type GiveBackDecision } from '../lib/domain/owed.ts';
import { decideScaling } from '../lib/domain/scaling.ts';
import type { GiveBackInput, GiveBackResult } from '../lib/domain/states.ts';
import { changeWeights, weightsOf } from '../lib/domain/traffic.ts';
import { nowMs } from './aws/clock.ts';
import { listDebts, settleDebt } from './aws/debts.ts';
import { modifyActions, readActionsIfAny } from './aws/elbv2.ts';
import { setting } from './aws/environment.ts';
import { readLock } from './aws/lock.ts';
import { judgeLock } from './aws/lock-start.ts';
import { listPointers } from './aws/parameters.ts';
import { readScaling, suspend } from './aws/scaling.ts';
import { record } from './aws/timeline.ts';

/** The schedule sends its own event, of which nothing is taken: by the time of a repetition it would be old. */
export async function handler(input: Partial<GiveBackInput>): Promise<GiveBackResult> {
  if (input.context && input.now) {
    const { service, executionArn, rollbackId } = input.context;
    return { message: await giveBack(service, { now: input.now, executionArn, rollbackId }) };
  }
  const now = new Date(nowMs()).toISOString();
  const services = await listPointers(setting('ENVIRONMENT'));
  return { message: await all(services.map(({ service }) => giveBack(service, { now }))) };
}

interface Look {
  readonly now: string;
  /** Of the rollback that ends now; absent on the schedule. */
  readonly executionArn?: string;
  readonly rollbackId?: string;
}

async function giveBack(service: string, look: Look): Promise<string> {
  const debts = await listDebts(service);
  if (debts.length === 0) return '';
  const lock = await readLock(service);
  const judged = await judgeLock(lock, { executionArn: look.executionArn ?? '', now: look.now });
  if ('owner' in judged) return `Rollback ${judged.owner.rollbackId} is at work: what is owed waits for it.`;
  // Read again right before a change: whoever takes the lock meanwhile decides on the rule as it was.
  const unclaimed = async (): Promise<boolean> => sameLock(lock, await readLock(service));
  return all(debts.map((debt) => settle(debt, look, unclaimed)));
}

/** What one fails on must not keep the others from being given back, nor stay unseen. */
async function all(work: readonly Promise<string>[]): Promise<string> {
  const ended = await Promise.allSettled(work);
  const errors = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} could not be given back: ${errors}`);
  return ended.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : [])).join(' ');
}

async function settle(debt: Debt, look: Look, unclaimed: () => Promise<boolean>): Promise<string> {
  const { decision, give } = await giverOf(debt, look);
  if (decision.kind === 'give') {
    if (!(await unclaimed())) return `Another rollback of ${debt.service} has begun: what is owed waits for it.`;
    await give();
  }
  // The timeline first: a debt that is settled twice is better than one that nobody can explain.
  if (decision.kind !== 'wait' || look.executionArn !== undefined) await tell(debt, decision, look.now);
  if (decision.kind !== 'wait') await settleDebt(debt, look.now);
  return decision.message;
}

function tell(debt: Debt, decision: GiveBackDecision, now: string): Promise<void> {
  const { service, rollbackId, executionArn, kind, resource } = debt;
  const kinds = { give: 'owed.given-back', drop: 'owed.dropped', wait: 'owed.waiting' } as const;
  return record(
    { service, rollbackId, executionArn, environment: setting('ENVIRONMENT') },
    `GiveBack ${kind} ${resource}`,
    [{ kind: kinds[decision.kind], message: decision.message, data: { kind, resource } }],
    now,
  );
}

// ---------------------------------------------------------------- one of these for each kind of debt

interface Giving {
  readonly decision: GiveBackDecision;
  readonly give: () => Promise<void>;
}

const giverOf = (debt: Debt, look: Look): Promise<Giving> =>
  debt.kind === 'stickiness' ? givers.stickiness(debt, look) : givers.scaling(debt, look);

const givers: { [K in DebtKind]: (debt: Extract<Debt, { kind: K }>, look: Look) => Promise<Giving> } = {
  stickiness: async (debt, look) => {
    const actions = await readActionsIfAny(debt.resource);
    const live = actions && weightsOf(debt.resource, actions);
    const give = async (): Promise<void> => {
      if (!actions || !live) return;
      const change = changeWeights(actions, { ...live, stickiness: debt.before.stickiness });
      if (change.kind === 'refused') throw new Error(`Group stickiness cannot be given back: ${change.reason}`);
      if (change.kind === 'change') await modifyActions(debt.resource, change.actions);
    };
    return { decision: decideStickiness(debt, live, look), give };
  },
  scaling: async (debt) => {
    const { state, ...decision } = decideScaling(debt, await readScaling(debt.resource));
    return { decision, give: async () => state && suspend(debt.resource, state) };
  },
};
