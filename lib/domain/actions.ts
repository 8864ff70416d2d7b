/** Looking things up that the plan and the configuration name. */
import { PlanChanged } from './errors.ts';
import type {
  Action,
  ActionType,
  Plan,
  Release,
  RevertServiceAction,
  RollbackRecord,
  ServiceConfiguration,
  Side,
} from './model.ts';
import { unitsOf } from './units.ts';

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

/** The definition that a RevertService goes to; of a copy, what it is a copy of. */
export const namedIn = ({ forward }: Pick<RevertServiceAction, 'forward'>): string =>
  'register' in forward ? forward.register.of : forward.taskDefinition;

/** The definition to go to; of a copy, the one that is registered, or undefined while none is. */
export const wantedOf = (
  { forward, side }: Pick<RevertServiceAction, 'forward' | 'side'>,
  registered: Readonly<Record<string, string>>,
): string | undefined => ('register' in forward ? registered[side] : forward.taskDefinition);

/**
 * Side -> task definition, by which later deployment events are known to be ours.
 *
 * @param registered side -> copy, of those that are registered already
 */
export function revertsOf(plan: Plan, registered: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    plan.actions.flatMap((action) =>
      action.type === 'RevertService' ? [[action.side, registered[action.side] ?? namedIn(action)] as const] : [],
    ),
  );
}

/** What the ledger remembers of a rollback with this plan. */
export function recordOf(plan: Plan): Pick<RollbackRecord, 'reverts' | 'copies' | 'goal'> {
  const copies = copiesOf(plan);
  const { side, taskDefinition } = plan.target ?? {};
  const goal = side && taskDefinition ? { side, taskDefinition } : undefined;
  return { reverts: revertsOf(plan), ...(copies && { copies }), ...(goal && { goal }) };
}

/** Which releases the plan's copies bring back, by side; undefined where it makes none. */
function copiesOf(plan: Plan): RollbackRecord['copies'] {
  const copies = plan.actions.flatMap((action) =>
    action.type === 'RevertService' && 'register' in action.forward
      ? [[action.side, action.forward.register] as const]
      : [],
  );
  if (copies.length === 0) return undefined;
  return Object.fromEntries(
    copies.map(([side, { of }]) => [side, { taskDefinition: of, images: releasesIn(plan, side).target?.images ?? [] }]),
  );
}

/** What the plan puts on a side or companion, and what it takes from there, as far as it is known. */
export function releasesIn(
  { target, suspect, companions = [] }: Partial<Pick<Plan, 'target' | 'suspect' | 'companions'>>,
  name: string,
): { readonly target?: Release; readonly suspect?: Release } {
  const own = companions.find(({ companion }) => companion === name) ?? { target, suspect };
  return { ...(own.target && { target: own.target }), ...(own.suspect && { suspect: own.suspect }) };
}

/** The plan with the copies that are registered by now named; the others stay orders. */
export function withCopies(plan: Plan, registered: Readonly<Record<string, string>>): Plan {
  const actions = plan.actions.map((action): Action => {
    const copy = action.type === 'RevertService' && 'register' in action.forward ? registered[action.side] : undefined;
    return action.type === 'RevertService' && copy ? { ...action, forward: { taskDefinition: copy } } : action;
  });
  return { ...plan, actions };
}

/** The configured side or companion with this name; throws PlanChanged where the configuration has none. */
export function sideOf(configuration: ServiceConfiguration, name: string): Side {
  const side = unitsOf(configuration).find((candidate) => candidate.name === name);
  if (!side) throw new PlanChanged(`The configuration of ${configuration.service} has no side or companion ${name}.`);
  return side;
}
