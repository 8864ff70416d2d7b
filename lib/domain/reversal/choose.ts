/** Looks a service up in the table of reversals, and says in words what follows. */
import { familyRevision, primaryDeployment, type ServiceView } from '../ecs.ts';
import type { Side } from '../model.ts';
import { isCompanion } from '../units.ts';
import { isGivenUp, type Rollout } from './rollout.ts';
import { type Cell, type Kind, lookUp, type Position, type State } from './table.ts';

export interface ReversalFacts {
  readonly side: Side;
  readonly service: ServiceView;
  /** The deployment under way; absent where there is none. */
  readonly rollout?: Rollout | undefined;
  /** ARN of the target's task definition; undefined where a copy of it is still to be registered. */
  readonly wanted: string | undefined;
  /** The service is on it already, perhaps under another ARN. */
  readonly there: boolean;
}

export interface Reversal {
  readonly cell: Cell;
  readonly kind: Kind;
  readonly state: State;
  readonly position: Position;
  /** What is done and why, one sentence or two. */
  readonly reason: string;
}

const strategies = { ROLLING: 'rolling', BLUE_GREEN: 'blue/green', LINEAR: 'linear', CANARY: 'canary' } as const;

export function kindOf({ controller, strategy, scheduling }: ServiceView): Kind {
  if (controller === 'CODE_DEPLOY') return 'CodeDeploy';
  if (controller === 'EXTERNAL') return 'external';
  return strategy === 'ROLLING' && scheduling === 'DAEMON' ? 'daemon' : strategies[strategy];
}

export function chooseReversal(given: ReversalFacts): Reversal {
  const facts = { ...given, rollout: given.rollout ?? shownRollout(given.service) };
  const { service, rollout, side } = facts;
  const kind = kindOf(service);
  const state: State = rollout?.state ?? (kind !== 'external' && isGivenUp(service) ? 'given up' : 'finished');
  const position = positionOf(facts);
  const { cell, why } = lookUp(kind, state, position);
  if (kind === 'CodeDeploy' && !side.codeDeploy && cell !== 'nothing') {
    const reason =
      `CodeDeploy deploys ${side.service}, and ` +
      (isCompanion(side)
        ? 'companions are deployed by ECS: stop or redeploy it there.'
        : 'the configuration does not name its deployment group: add sides[].codeDeploy with application and group, or stop or redeploy there.');
    return { kind, state, position, cell: 'refused', reason };
  }
  return { kind, state, position, cell, reason: `${subject(facts, state)} ${why}${instruction(facts, cell, kind)}` };
}

/** What the service shows of a deployment under way, in the moment before ECS describes it. */
function shownRollout(service: ServiceView): Rollout | undefined {
  const primary = primaryDeployment(service);
  if (service.controller !== 'ECS' || primary?.rolloutState !== 'IN_PROGRESS') return undefined;
  return { id: primary.id, state: 'under way', to: primary.taskDefinition, begunAt: primary.createdAt };
}

function positionOf({ service, rollout, wanted, there }: ReversalFacts): Position {
  if (!rollout) return there ? 'there' : 'elsewhere';
  // The same content under another ARN is as good, where it is what the deployment brings.
  if (there && rollout.to === primaryDeployment(service)?.taskDefinition) return 'destination';
  if (wanted === undefined) return 'elsewhere';
  if (rollout.to === wanted) return 'destination';
  return rollout.from === wanted ? 'source' : 'elsewhere';
}

/** `Deployment x of checkout to checkout:42 is under way.` */
function subject({ side, service, rollout }: ReversalFacts, state: State): string {
  const primary = primaryDeployment(service);
  const runs = familyRevision(primary?.taskDefinition ?? service.taskDefinition);
  if (!rollout) {
    return state === 'given up'
      ? `The deployment of ${side.service} to ${runs} was given up (${primary?.rolloutStateReason ?? 'no reason given'}).`
      : `${side.service} is on ${runs}, and no deployment is under way.`;
  }
  const id = rollout.id.split('/').at(-1);
  const to = familyRevision(rollout.to);
  switch (rollout.state) {
    case 'rolling back':
      return `Deployment ${id} of ${side.service} is rolling back to ${to} (${rollout.rollback?.reason || 'no reason given'}).`;
    case 'paused':
      return `Deployment ${id} of ${side.service} to ${to} waits for an answer${rollout.hook ? ` at ${rollout.hook.stage}` : ''}.`;
    case 'under way':
      return `Deployment ${id} of ${side.service} to ${to}, begun ${rollout.begunAt}, is under way.`;
  }
}

/** What a person does where this tool may not. */
function instruction({ side, service, rollout, wanted }: ReversalFacts, cell: Cell, kind: Kind): string {
  if (cell !== 'refused') return '';
  const target = wanted === undefined ? 'the target' : familyRevision(wanted);
  if (kind === 'external') {
    return (
      ` Tell the controller of ${side.service} to deploy ${target}, or with ECS: create-task-set with it, wait until it is steady, ` +
      `then update-service-primary-task-set and delete the other (${service.deployments.length} now).`
    );
  }
  if (rollout?.hook) {
    return (
      ` Answer it: aws ecs continue-service-deployment --service-deployment-arn ${rollout.id} --hook-id ${rollout.hook.id} ` +
      '--action CONTINUE.'
    );
  }
  if (rollout)
    return ` Answer it: aws deploy continue-deployment --deployment-id ${rollout.id} --deployment-wait-type READY_WAIT.`;
  return ' Name an older release with "version", or roll forward.';
}
