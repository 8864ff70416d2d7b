/** What a scenario's events do to the world. */
import type { SimulatedAccount } from '../account.ts';
import { primaryOf } from '../services/ecs/model.ts';
import { actionsOf } from './build-load-balancer.ts';
import { behaviourOf, register } from './definitions.ts';
import type { BehaviourSpec, SeriesSpec, TaskDefinitionSpec } from './spec.ts';
import { worldOf } from './world.ts';

/** A release by the team's pipeline: UpdateService to the task definition. Returns the ECS deployment's id. */
export function deployRelease(
  account: SimulatedAccount,
  { force, ...release }: { cluster: string; service: string; taskDefinition: string; force?: boolean | undefined },
): string {
  return primaryOf(account.ecs.updateService({ ...release, ...(force && { forceNewDeployment: true }) })).id;
}

/** Returns the new task definition's ARN. */
export function registerTaskDefinition(account: SimulatedAccount, spec: TaskDefinitionSpec): string {
  return register(account, spec).arn;
}

/** Changes how tasks of `taskDefinition` behave from now on, those that run included; the rest stays as it was. */
export function setBehaviour(account: SimulatedAccount, taskDefinition: string, behaviour: BehaviourSpec): void {
  const present = account.ecs.definitions.find(taskDefinition)?.behaviour;
  account.ecs.setBehaviour(taskDefinition, behaviourOf(behaviour, present));
}

/** Sets a rule's (or a listener's default) weights, as a person in the console would; a login stays. */
export function setWeights(
  account: SimulatedAccount,
  change: {
    rule: string;
    weights: Record<string, number>;
    stickiness?: { enabled: boolean; durationSeconds?: number | undefined } | undefined;
  },
): void {
  const { elbv2 } = account;
  const isListener = elbv2.listeners.has(change.rule);
  const current = isListener ? elbv2.listener(change.rule).defaultActions : elbv2.rule(change.rule).actions;
  const config = actionsOf({ weights: change.weights, stickiness: change.stickiness }).at(-1)?.ForwardConfig;
  const kept = current.slice(0, -1).map((action) =>
    action.AuthenticateOidcConfig
      ? {
          ...action,
          AuthenticateOidcConfig: {
            ...action.AuthenticateOidcConfig,
            ClientSecret: undefined,
            UseExistingClientSecret: true,
          },
        }
      : action,
  );
  const present = current.at(-1)?.ForwardConfig?.TargetGroupStickinessConfig;
  const actions = [
    ...kept,
    {
      Type: 'forward' as const,
      Order: kept.length + 1,
      ForwardConfig: { ...config, ...(change.stickiness || !present ? {} : { TargetGroupStickinessConfig: present }) },
    },
  ];
  if (isListener) elbv2.modifyListener(change.rule, actions);
  else elbv2.modifyRule(change.rule, { actions });
}

/** Changes a database from now on; snapshots that are under way stay as they were begun. */
export function setDatabase(
  account: SimulatedAccount,
  { instance, cluster, status, snapshotSeconds, snapshotFails }: DatabaseChange,
): void {
  const database = instance === undefined ? account.rds.cluster(cluster ?? '') : account.rds.instance(instance);
  if (status !== undefined) database.status = status;
  if (snapshotSeconds !== undefined) database.snapshotSeconds = snapshotSeconds;
  if (snapshotFails !== undefined) database.snapshotFails = snapshotFails;
}

export interface DatabaseChange {
  readonly instance?: string | undefined;
  readonly cluster?: string | undefined;
  readonly status?: string | undefined;
  readonly snapshotSeconds?: number | undefined;
  readonly snapshotFails?: boolean | undefined;
}

/** Puts a custom metric's points; times count from now. */
export function putSeries(account: SimulatedAccount, series: SeriesSpec): void {
  worldOf(account).series.put(series);
}
