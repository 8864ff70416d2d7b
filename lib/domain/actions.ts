/** Looking things up that the plan and the configuration name. */
import { PlanChanged } from './errors.ts';
import type { Action, ActionType, Plan, ServiceConfiguration, Side } from './model.ts';

/** The plan's action with this id; throws PlanChanged where the plan has no such action of that type. */
export function actionOf<T extends ActionType>(plan: Plan, id: string, type: T): Extract<Action, { type: T }> {
  const action = plan.actions.find((candidate) => candidate.id === id);
  if (action?.type !== type) {
    throw new PlanChanged(
      `The plan of ${plan.rollbackId} has ${action ? `a ${action.type}` : 'nothing'} as action ${id}, not a ${type}.`,
    );
  }
  return action as Extract<Action, { type: T }>;
}

/** An action before it has its place in the plan. */
export type Unnumbered = WithoutId<Action>;
type WithoutId<A> = A extends Action ? Omit<A, 'id'> : never;

/** Ids in the plan's order: `1`, `2`, … */
export const numbered = (actions: readonly Unnumbered[]): Action[] =>
  actions.map((action, index) => ({ ...action, id: String(index + 1) }) as Action);

/** Side -> task definition, by which later deployment events are known to be ours. */
export function revertsOf(plan: Plan): Record<string, string> {
  return Object.fromEntries(
    plan.actions.flatMap((action) =>
      action.type === 'RevertService' ? [[action.side, action.forward.taskDefinition] as const] : [],
    ),
  );
}

/** The configured side with this name; throws PlanChanged where the configuration has none. */
export function sideOf(configuration: ServiceConfiguration, name: string): Side {
  const side = configuration.sides.find((candidate) => candidate.name === name);
  if (!side) throw new PlanChanged(`The configuration of ${configuration.service} has no side ${name}.`);
  return side;
}
