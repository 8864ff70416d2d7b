/**
 * AcceptApproval: what the answer, or none, means now. A yes counts for the plan that was asked about, on the service as it
 * was then, and only with the lock, which is taken as Admit takes it. Nothing is changed in the account here.
 *
 * Calls: s3:GetObject, ssm:GetParameters, ecs:DescribeServices, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners, states:DescribeExecution, dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem,
 * dynamodb:UpdateItem, events:PutEvents
 */
import { recordOf } from '../lib/domain/actions.ts';
import { type AcceptanceFacts, decideAcceptance, decidedByNobody } from '../lib/domain/approval/acceptance.ts';
import { answerInWords } from '../lib/domain/approval.ts';
import { type LockDecision, type LockState, whileBusy } from '../lib/domain/lock.ts';
import type { Outcome, Plan, RollbackContext, RuleWeights } from '../lib/domain/model.ts';
import type { AcceptApprovalInput, AcceptApprovalResult } from '../lib/domain/states.ts';
import { weightsOf } from '../lib/domain/traffic.ts';
import { unitsOf } from '../lib/domain/units.ts';
import { closeQuestion, readApproval } from './aws/approvals.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { readActionsIfAny } from './aws/elbv2.ts';
import { readKillSwitch } from './aws/kill-switch.ts';
import { listRollbacks, recordRollback } from './aws/ledger.ts';
import { readLock } from './aws/lock.ts';
import { judgeLock, lockAttempts, recordJoined, takeLock } from './aws/lock-start.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: AcceptApprovalInput): Promise<AcceptApprovalResult> {
  const plan = await readPlan(input);
  for (let attempt = 1; attempt <= lockAttempts; attempt++) {
    const result = await accept(input, plan);
    if (result) return result;
  }
  throw new Error(`The lock of ${input.context.service} changed ${lockAttempts} times while it was being taken.`);
}

/** Undefined when another rollback came in between: everything is judged again. */
async function accept(input: AcceptApprovalInput, plan: Plan): Promise<AcceptApprovalResult | undefined> {
  const { now, context } = input;
  const { lock, lockDecision, facts } = await look(input, plan);
  const acceptance = decideAcceptance(facts);
  const said = answerInWords(input.answer, facts.approval);
  await closeQuestion(context, input.answer);
  // A lock that an earlier attempt took, Report gives back.
  if (acceptance.decision === 'end') return end(input, said, acceptance);
  if (lockDecision.decision === 'ours') {
    return go(input, plan, { ...context, fencingToken: lockDecision.token }, acceptance.reason);
  }
  const busy = whileBusy(lockDecision);
  if (busy) return end(input, said, { ...busy, reason: `${acceptance.reason} ${busy.reason}` });
  const locked = await takeLock(context, { lock, lockDecision }, now);
  return locked && go(input, plan, locked, acceptance.reason);
}

interface Look {
  readonly lock: LockState | undefined;
  readonly lockDecision: LockDecision;
  readonly facts: AcceptanceFacts;
}

/** The lock first: who takes it as it was read then knows that no rollback came in between, and that all of this still holds. */
async function look({ now, context, answer, planSha256 }: AcceptApprovalInput, plan: Plan): Promise<Look> {
  const lock = await readLock(context.service);
  const configuration = await readConfiguration(context);
  const [lockDecision, killSwitch, approval, views, rules, rollbacks] = await Promise.all([
    judgeLock(lock, { executionArn: context.executionArn, now }),
    readKillSwitch(context.environment, context.service),
    readApproval(context.service),
    Promise.all(unitsOf(configuration).map(describeSide)),
    Promise.all(rulesOf(plan).map(readWeights)),
    listRollbacks(context.service, ''),
  ]);
  const facts = {
    now,
    context,
    plan,
    planSha256,
    answer,
    approval: { expiresAt: approval?.rollbackId === context.rollbackId ? approval.expiresAt : now },
    policy: configuration.policy,
    killSwitch,
    sides: views.filter((view) => view !== undefined),
    rules: rules.filter((weights) => weights !== undefined),
    rollbacks: rollbacks.filter(({ rollbackId }) => rollbackId !== context.rollbackId),
  };
  return { lock, lockDecision, facts };
}

const rulesOf = ({ actions }: Plan): string[] => [
  ...new Set(
    actions.flatMap((action) => (action.type === 'ShiftTraffic' ? action.reverse.map(({ rule }) => rule) : [])),
  ),
];

async function readWeights(rule: string): Promise<RuleWeights | undefined> {
  const actions = await readActionsIfAny(rule);
  return actions && weightsOf(rule, actions);
}

// ---------------------------------------------------------------- answers

async function go(
  { now, answer }: AcceptApprovalInput,
  plan: Plan,
  context: RollbackContext,
  reason: string,
): Promise<AcceptApprovalResult> {
  const automatic = decidedByNobody(answer);
  await Promise.all([
    recordRollback(context, { automatic, executes: true, ...recordOf(plan) }),
    record(
      context,
      'AcceptApproval',
      [{ kind: `approval.${kinds[answer.decision]}`, message: reason, data: { ...answer } }],
      now,
    ),
  ]);
  const deadline = new Date(Date.parse(now) + plan.timeoutSeconds * 1_000).toISOString();
  return { decision: 'execute', outcome: null, reason, context, deadline };
}

async function end(
  { now, context, answer }: AcceptApprovalInput,
  said: string,
  { outcome, reason, joins }: { readonly outcome: Outcome; readonly reason: string; readonly joins?: string },
): Promise<AcceptApprovalResult> {
  const data = { ...answer };
  const entries = [
    { kind: `approval.${kinds[answer.decision]}`, message: said, data },
    { kind: outcome, message: reason },
  ];
  await Promise.all([
    record(context, 'AcceptApproval', entries, now),
    joins === undefined ? undefined : recordJoined(context, joins, 'AcceptApproval', { message: reason, data }, now),
  ]);
  return { decision: 'end', outcome, reason, context, deadline: now };
}

const kinds = { approve: 'approved', decline: 'declined', expired: 'expired' } as const;
