/**
 * The next step of RevertService, from what the service is like right now: it may be another than planned, since
 * deployments end and begin by themselves. Deciding again after any step gives no second one of it.
 */
import { familyRevision, primaryDeployment, type ServiceView } from '../ecs.ts';
import type { RevertServiceAction, Side } from '../model.ts';
import { called, calledFirst } from '../units.ts';
import { chooseReversal, type Reversal } from './choose.ts';
import type { Rollout } from './rollout.ts';

export type Change =
  | { readonly do: 'update-service' | 'codedeploy-create' }
  | { readonly do: 'stop-service-deployment' | 'codedeploy-stop'; readonly id: string }
  | { readonly do: 'continue-hook-rollback'; readonly id: string; readonly hookId: string };

export type RevertStep =
  /** `follows`: this alone does not bring the target; the step after it is decided once it is over. */
  | { readonly kind: 'change'; readonly change: Change; readonly follows: boolean; readonly message: string }
  /** Under way or there; `changed` where by an attempt of this very state whose answer was lost. */
  | { readonly kind: 'await'; readonly changed: boolean; readonly follows: boolean; readonly message: string }
  | { readonly kind: 'leave'; readonly message: string };

export interface StepFacts {
  readonly side: Side;
  /** Undefined where ECS knows no such service. */
  readonly service: ServiceView | undefined;
  readonly rollout: Rollout | undefined;
  readonly action: RevertServiceAction;
  /** Undefined while a copy is still to be registered. */
  readonly wanted: string | undefined;
  /** What is wanted, for a message. */
  readonly name: string;
  /** When the plan was made, and when the state was entered. */
  readonly plannedAt: string;
  readonly now: string;
}

export function decideStep(facts: StepFacts): RevertStep {
  const { side, service, rollout, action, wanted, now, name } = facts;
  const primary = service && primaryDeployment(service);
  if (service?.status !== 'ACTIVE' || !primary) {
    return leave(`The ECS service of ${called(side)} is ${service?.status ?? 'gone'}: nothing was changed.`);
  }
  const theirs = foreignDeployment({
    service,
    rollout,
    before: action.reverse.taskDefinition,
    wanted,
    plannedAt: facts.plannedAt,
  });
  if (theirs) return leave(`Somebody deployed ${theirs.words} after the plan was made: nothing was changed.`);
  const reversal = chooseReversal({ side, service, rollout, wanted, there: primary.taskDefinition === wanted });
  const update = `${calledFirst(side)} goes from ${familyRevision(action.reverse.taskDefinition)} to ${name}, ${service.desiredCount} tasks.`;
  const change = changeOf(reversal, rollout);
  if (change) {
    const follows = change.do === 'codedeploy-stop' && reversal.cell !== 'codedeploy-stop';
    const how = change.do === 'update-service' ? '' : ` ${reversal.reason}`;
    return { kind: 'change', change, follows, message: `${update}${how}` };
  }
  switch (reversal.cell) {
    case 'refused':
      return leave(`${reversal.reason} Nothing was changed.`);
    case 'update-service afterwards':
    case 'codedeploy-create afterwards':
      return { kind: 'await', changed: false, follows: true, message: reversal.reason };
    case 'nothing': {
      const changed = Date.parse(primary.createdAt) >= Date.parse(now);
      const message = changed ? update : `${calledFirst(side)} already is on ${name}: nothing was changed.`;
      return { kind: 'await', changed, follows: false, message };
    }
    default: {
      const since = rollout?.rollback?.startedAt ?? rollout?.begunAt ?? primary.createdAt;
      const changed = Date.parse(since) >= Date.parse(now);
      const message = changed ? update : `${reversal.reason} Nothing was changed.`;
      return { kind: 'await', changed, follows: false, message };
    }
  }
}

function changeOf({ cell }: Reversal, rollout: Rollout | undefined): Change | undefined {
  const id = rollout?.id ?? '';
  switch (cell) {
    case 'update-service':
    case 'codedeploy-create':
      return { do: cell };
    case 'stop-service-deployment':
    case 'codedeploy-stop':
      return { do: cell, id };
    case 'codedeploy-stop, then codedeploy-create':
      return { do: 'codedeploy-stop', id };
    case 'continue-hook-rollback':
      return { do: cell, id, hookId: rollout?.hook?.id ?? '' };
    default:
      return undefined;
  }
}

export interface Foreign {
  readonly taskDefinition: string;
  /** `checkout:43 (ecs-svc/…, since …)` */
  readonly words: string;
}

/** A deployment of something that the plan does not know, begun after it; ECS's own way back is none. */
export function foreignDeployment(facts: {
  readonly service: ServiceView;
  readonly rollout: Rollout | undefined;
  readonly before: string;
  readonly wanted: string | undefined;
  readonly plannedAt: string;
}): Foreign | undefined {
  const { service, rollout, before, wanted, plannedAt } = facts;
  const primary = primaryDeployment(service);
  const [taskDefinition, begunAt, id] =
    rollout && rollout.state !== 'rolling back'
      ? [rollout.to, rollout.begunAt, primary?.taskDefinition === rollout.to ? primary.id : rollout.id]
      : [primary?.taskDefinition, primary?.createdAt, primary?.id];
  if (taskDefinition === undefined || begunAt === undefined) return undefined;
  if (taskDefinition === before || taskDefinition === wanted) return undefined;
  if (Date.parse(begunAt) < Date.parse(plannedAt)) return undefined;
  return { taskDefinition, words: `${familyRevision(taskDefinition)} (${id}, since ${begunAt})` };
}

const leave = (message: string): RevertStep => ({ kind: 'leave', message });
