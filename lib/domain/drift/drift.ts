/**
 * What infrastructure as code disagrees with after a rollback: the account is on the earlier release, and code and
 * templates still name the one that was rolled back. Whatever is applied next may bring it back.
 *
 * Compared are the checkpoint, for what was declared in all likelihood, and the account as it is now. Only what the
 * rollback itself set counts: what somebody else has set meanwhile is theirs, and no drift of ours.
 */
import { namedIn, releasesIn } from '../actions.ts';
import { familyRevision, primaryDeployment } from '../ecs.ts';
import type {
  Checkpoint,
  Manager,
  Plan,
  RevertServiceAction,
  RuleWeights,
  ScaleInAction,
  TimelineEntry,
} from '../model.ts';
import type { Debt } from '../owed.ts';
import { type SideStanding, type Standing, sameWeights, unitsStanding } from '../standing.ts';
import { describeWeights } from '../traffic.ts';
import { isCompanion } from '../units.ts';

export interface DriftFacts {
  readonly plan: Plan;
  readonly checkpoint: Pick<Checkpoint, 'sides' | 'rules'>;
  /** As the account is now. */
  readonly standing: Standing;
  /** Copies that were registered, from the timeline: side to task definition. */
  readonly copies: Readonly<Record<string, string>>;
  /** What the rollback still owes. */
  readonly debts: readonly Debt[];
}

export type DriftKind = 'task definition' | 'copy' | 'weights' | 'stickiness' | 'desired count' | 'scaling';

export interface Drift {
  readonly kind: DriftKind;
  /** ARN of what differs, or the name where AWS has no ARN of it. */
  readonly resource: string;
  /** Name of the side, or of the companion. */
  readonly side?: string;
  readonly companion?: true;
  /** What is declared in all likelihood: the state before the rollback. */
  readonly declared: string;
  readonly now: string;
  /** ARN of the task definition that runs now, where that is what differs. */
  readonly running?: string;
  /** What that means, in a sentence or two. */
  readonly means: string;
  /** When it ends by itself, ISO 8601; absent where only a later release ends it. */
  readonly endsAt?: string;
  /** Absent where nothing was asked about it. */
  readonly manager?: Manager;
}

export function driftOf(facts: DriftFacts): Drift[] {
  const { plan } = facts;
  return [
    ...plan.actions.flatMap((action) => (action.type === 'RevertService' ? revisionDrift(facts, action) : [])),
    ...facts.checkpoint.rules.flatMap((before) => weightDrift(facts, before)),
    ...plan.actions.flatMap((action) => (action.type === 'ScaleIn' ? countDrift(facts, action) : [])),
    ...facts.debts.flatMap((debt) => (debt.kind === 'scaling' ? [scalingDrift(debt)] : [])),
  ];
}

/** Side to copy, as RevertService wrote it on the timeline. */
export function copiesIn(timeline: readonly TimelineEntry[]): Record<string, string> {
  return Object.fromEntries(
    timeline.flatMap(({ kind, data }) => {
      if (kind !== 'definition.registered' || typeof data !== 'object' || data === null || Array.isArray(data))
        return [];
      const { side, taskDefinition } = data;
      return typeof side === 'string' && typeof taskDefinition === 'string' ? [[side, taskDefinition] as const] : [];
    }),
  );
}

// ---------------------------------------------------------------- services

function revisionDrift(facts: DriftFacts, action: RevertServiceAction): Drift[] {
  const { side } = action;
  const before = action.reverse.taskDefinition;
  const copy = facts.copies[side];
  const wanted = copy ?? ('register' in action.forward ? undefined : namedIn(action));
  const live = liveSide(facts, side);
  const now = runningOn(facts.standing, side)?.taskDefinition;
  if (!live || now === undefined || now !== wanted || now === before) return [];
  const manager = managerFor(facts, live.service?.serviceArn);
  const companion = isCompanion(live.side) && ({ companion: true } as const);
  const base = { resource: live.service?.serviceArn ?? side, side, ...companion, ...(manager && { manager }) };
  const revision: Drift = {
    ...base,
    kind: 'task definition',
    declared: withVersion(before, releasesIn(facts.plan, side).suspect),
    now: withVersion(now, releasesIn(facts.plan, side).target),
    running: now,
    means: `Whatever deploys ${familyRevision(before)}, or the same code again, brings back what was rolled back. ${comparing(manager)}`,
  };
  if (!copy || now !== copy) return [revision];
  const registered: Drift = {
    ...base,
    kind: 'copy',
    resource: copy,
    declared: 'nothing: it was registered by the rollback',
    now: `${familyRevision(copy)}, a copy of ${familyRevision(namedIn(action))}`,
    means:
      `No stack and no state knows ${familyRevision(copy)}. It is the newest revision of its family until the next release, so ` +
      'whatever names the family alone gets it. Deregister it once another release is in service.',
  };
  return [revision, registered];
}

/** When a tool notices. */
function comparing(manager: Manager | undefined): string {
  const stack = manager?.stack ? ` of ${manager.stack}` : '';
  const template = `CloudFormation, and CDK with it, compares with the last template${stack} and not with the account: it notices nothing, and sends the declared revision once the service or its task definition changes in the template.`;
  const account = 'Terraform compares with the account: its next apply does.';
  if (manager?.by === 'cloudformation') return template;
  return manager?.by === 'terraform' ? account : `${account} ${template}`;
}

function countDrift(facts: DriftFacts, action: ScaleInAction): Drift[] {
  const live = liveSide(facts, action.side);
  const { desiredCount: now } = live?.service ?? {};
  const before = action.reverse.desiredCount;
  if (now === undefined || now !== action.forward.desiredCount || now === before) return [];
  const manager = managerFor(facts, live?.service?.serviceArn);
  return [
    {
      kind: 'desired count',
      resource: live?.service?.serviceArn ?? action.side,
      side: action.side,
      declared: `${before} tasks`,
      now: `${now} tasks`,
      means: `Where the count is declared, the next apply starts ${before} tasks of the release that was rolled back; they get no traffic by that alone.`,
      ...(manager && { manager }),
    },
  ];
}

function scalingDrift({ resource }: Extract<Debt, { kind: 'scaling' }>): Drift {
  return {
    kind: 'scaling',
    resource,
    declared: 'scaling as before the rollback',
    now: 'scaling in and scheduled actions are suspended',
    means: 'GiveBack, which looks every five minutes, puts it back as it was; nothing has to be changed.',
  };
}

// ---------------------------------------------------------------- traffic

function weightDrift(facts: DriftFacts, before: RuleWeights): Drift[] {
  const live = facts.standing.rules.find(({ rule }) => rule === before.rule);
  const steps = facts.plan.actions
    .flatMap((action) => (action.type === 'ShiftTraffic' ? action.forward : []))
    .filter(({ rule }) => rule === before.rule);
  if (!live || !steps.some((step) => sameWeights(live, step))) return [];
  const manager = managerFor(facts, before.rule);
  const base = { resource: before.rule, ...(manager && { manager }) };
  const drifts: Drift[] = [];
  if (!sameWeights(live, before)) {
    drifts.push({
      ...base,
      kind: 'weights',
      declared: describeWeights(before.weights),
      now: describeWeights(live.weights),
      means:
        'The next apply that sends these weights moves the traffic back to the side with the release that was rolled back.',
    });
  }
  if (before.stickiness.enabled && !live.stickiness.enabled) {
    const debt = facts.debts.find(({ kind, resource }) => kind === 'stickiness' && resource === before.rule);
    drifts.push({
      ...base,
      kind: 'stickiness',
      declared: `group stickiness on for ${before.stickiness.durationSeconds ?? 86_400} s`,
      now: 'group stickiness off',
      means: debt
        ? 'It comes back by itself once the cookies from before have expired. Switched on earlier, it leads their users to the side that the traffic left.'
        : 'Nothing is owed any more: switch it on again when users may stick to a side.',
      ...(debt && { endsAt: debt.dueAt }),
    });
  }
  return drifts;
}

// ---------------------------------------------------------------- looking things up

const liveSide = ({ standing }: DriftFacts, name: string): SideStanding | undefined =>
  unitsStanding(standing).find(({ side }) => side.name === name);

/** What a side runs, or goes to; undefined where ECS does not know its service. */
export function runningOn(
  standing: Standing,
  name: string,
): { readonly taskDefinition: string; readonly controller: string } | undefined {
  const service = unitsStanding(standing).find(({ side }) => side.name === name)?.service;
  if (!service) return undefined;
  const taskDefinition = primaryDeployment(service)?.taskDefinition ?? service.taskDefinition;
  return { taskDefinition, controller: service.controller };
}

const managerFor = ({ plan }: DriftFacts, resource: string | undefined): Manager | undefined =>
  plan.managers?.find((manager) => manager.resource === resource);

/** `shop:41 (v2.14.3)` */
function withVersion(
  taskDefinition: string,
  release: { readonly taskDefinition: string; readonly version: string } | undefined,
): string {
  const name = familyRevision(taskDefinition);
  const { version } = release ?? {};
  return version === undefined || version === name ? name : `${name} (${version})`;
}
