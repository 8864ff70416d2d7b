/** What an answer, or none, means now: the plan that is approved is the plan that runs, on the service that it was made for. */
import { limitReason } from '../admission-reasons.ts';
import { type Approval, answerInWords } from '../approval.ts';
import { familyRevision, primaryDeployment, type ServiceView } from '../ecs.ts';
import { InvalidInput, PlanChanged } from '../errors.ts';
import { isAutomatic, type KillSwitch, mustHalt } from '../kill-switch.ts';
import type { Plan, Policy, RollbackContext, RollbackRecord, RuleWeights, SideState } from '../model.ts';
import type { ApprovalAnswer } from '../states.ts';
import { describeWeights, holds } from '../traffic.ts';

export interface AcceptanceFacts {
  readonly now: string;
  readonly context: RollbackContext;
  readonly plan: Plan;
  readonly planSha256: string;
  readonly answer: ApprovalAnswer;
  readonly approval: Pick<Approval, 'expiresAt'>;
  readonly policy: Policy;
  readonly killSwitch: KillSwitch;
  /** As ECS shows the configured sides and companions now. */
  readonly sides: readonly ServiceView[];
  /** As the plan's rules stand now; one that cannot be read is missing. */
  readonly rules: readonly RuleWeights[];
  /** Of the service, this one left out. */
  readonly rollbacks: readonly RollbackRecord[];
}

/** `execute` still has to take the lock. */
export type Acceptance =
  | { readonly decision: 'execute'; readonly reason: string }
  | { readonly decision: 'end'; readonly outcome: 'declined' | 'observed'; readonly reason: string };

/** Throws PlanChanged for an answer to another plan, InvalidInput for one that is neither yes, no nor silence. */
export function decideAcceptance(facts: AcceptanceFacts): Acceptance {
  const { answer, policy } = facts;
  refuseUnknown(answer);
  const words = answerInWords(answer, facts.approval);
  if (answer.decision === 'decline') return end('declined', words);
  if (answer.decision === 'expired' && policy.approvalDefault === 'decline') {
    return end('declined', `${words} That means no (policy.approvalDefault is "decline").`);
  }
  if (answer.decision === 'approve' && answer.planSha256 !== facts.planSha256) {
    throw new PlanChanged(`Plan ${answer.planSha256} was approved, and this rollback has plan ${facts.planSha256}.`);
  }
  const agreed =
    answer.decision === 'approve' ? words : `${words} That means yes (policy.approvalDefault is "approve").`;
  const stopped = whyStopped(facts);
  if (stopped !== undefined) return end('declined', `${agreed} ${stopped}`);
  const limit = answer.decision === 'expired' ? limitReason(facts) : undefined;
  if (limit) return end('observed', `${agreed} ${limit.text}`);
  const changes = changesSince(facts);
  if (changes.length > 0) {
    const what = `The service is no longer as it was planned for: ${changes.join('; ')}.`;
    return end('observed', `${agreed} ${what} Nothing is changed; start anew for a plan of what is there now.`);
  }
  return { decision: 'execute', reason: agreed };
}

/** Whoever has the task token may have sent anything, and nothing but a yes is one. */
function refuseUnknown({ decision }: ApprovalAnswer): void {
  const known: readonly unknown[] = ['approve', 'decline', 'expired'] satisfies ApprovalAnswer['decision'][];
  if (known.includes(decision)) return;
  throw new InvalidInput(
    `The answer's "decision" is ${JSON.stringify(decision) ?? 'missing'}, allowed are ${known.join(', ')}.`,
  );
}

/** Where nobody answered nobody has decided: the daily budget counts such a rollback as automatic. */
export const decidedByNobody = (answer: ApprovalAnswer): boolean => answer.decision === 'expired';

/** The switch stops what is automatic, and everybody when it was flipped since. Unreadable, it stops what nobody decided. */
function whyStopped({ killSwitch, context, answer }: AcceptanceFacts): string | undefined {
  if (killSwitch.state === 'unreadable' && decidedByNobody(answer) && isAutomatic(context.request)) {
    return `${killSwitch.reason} Nothing rolls back by itself.`;
  }
  return mustHalt(killSwitch, context);
}

/** What differs from what the plan was made on, in words: primary task definitions, and the weights that it would move. */
function changesSince({ plan, sides, rules }: AcceptanceFacts): string[] {
  return [
    ...[...plan.current, ...companionStates(plan)].flatMap((state) => sideChange(state, sides)),
    ...rulesBefore(plan).flatMap(ruleChange(rules)),
  ];
}

const companionStates = ({ companions = [] }: Plan): SideState[] => companions.flatMap(({ state }) => state ?? []);

function sideChange({ side, taskDefinition }: SideState, sides: readonly ServiceView[]): string[] {
  const view = sides.find((candidate) => candidate.side === side);
  const primary = view && primaryDeployment(view);
  const now = primary?.taskDefinition ?? view?.taskDefinition;
  const was = familyRevision(taskDefinition);
  if (!view || now === undefined) return [`ECS no longer knows the service of ${side}, which ran ${was}`];
  if (view.status !== 'ACTIVE') return [`the service of ${side} is ${view.status}`];
  if (now === taskDefinition) return [];
  const since = primary ? ` since ${primary.createdAt}` : '';
  return [`${side} runs ${familyRevision(now)}${since}, planned on ${was}`];
}

/** Of each rule what the plan found: the first step that touches it remembers that. */
function rulesBefore({ actions }: Plan): RuleWeights[] {
  const before = new Map<string, RuleWeights>();
  for (const action of actions) {
    if (action.type !== 'ShiftTraffic') continue;
    for (const rule of action.reverse) if (!before.has(rule.rule)) before.set(rule.rule, rule);
  }
  return [...before.values()];
}

const ruleChange =
  (rules: readonly RuleWeights[]) =>
  (before: RuleWeights): string[] => {
    const live = rules.find(({ rule }) => rule === before.rule);
    const name = before.rule.split('/').at(-1);
    const was = describeWeights(before.weights);
    if (!live) return [`rule ${name} cannot be read, planned on ${was}`];
    if (holds(live, before)) return [];
    const sticky = live.stickiness.enabled === before.stickiness.enabled ? '' : ', group stickiness changed';
    return [`rule ${name} gives ${describeWeights(live.weights)}${sticky}, planned on ${was}`];
  };

const end = (outcome: 'declined' | 'observed', reason: string): Acceptance => ({ decision: 'end', outcome, reason });
