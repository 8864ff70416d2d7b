import type { SimulatedAccount } from '../account.ts';
import { definitionName, primaryOf } from '../services/ecs/model.ts';
import { forwardGroups } from '../services/elbv2/actions.ts';
import { progressOf } from '../services/rds/model.ts';

export interface WorldDocument {
  /** Keyed `family:revision`. */
  readonly taskDefinitions: Record<string, { status: string; images: string[] }>;
  /** Keyed `cluster/service`. */
  readonly services: Record<
    string,
    {
      /** `family:revision` of the primary deployment. */
      taskDefinition: string;
      desiredCount: number;
      runningCount: number;
      pendingCount: number;
      rolloutState: string;
      deployments: number;
    }
  >;
  /** Rule (or listener) ARN, then target group name, to weight. */
  readonly weights: Record<string, Record<string, number>>;
  /** Alarm name to state. */
  readonly alarms: Record<string, string>;
  /** Manual snapshots, in the order in which they were made; `source` is `instance shop-db` or `cluster shop`. */
  readonly snapshots: readonly {
    id: string;
    source: string;
    status: string;
    percent: number;
    createdAt: string;
    tags: Record<string, string>;
  }[];
}

/** The account as it stands now, for the `--json` document. */
export function describeWorld(account: SimulatedAccount): WorldDocument {
  const { ecs, elbv2, cloudwatch } = account;
  const forwarding = [
    ...[...elbv2.rules.values()].map(({ arn, actions }) => ({ arn, groups: forwardGroups(actions) })),
    ...[...elbv2.listeners.values()].map(({ arn, defaultActions }) => ({ arn, groups: forwardGroups(defaultActions) })),
  ].filter(({ groups }) => groups.length > 0);
  return {
    taskDefinitions: Object.fromEntries(
      ecs.definitions.all.map((record) => [
        definitionName(record),
        { status: record.status, images: ecs.definitions.imagesOf(record).map(({ image }) => image) },
      ]),
    ),
    services: Object.fromEntries(
      ecs.services.map((service) => {
        const primary = primaryOf(service);
        const count = (status: string) => service.tasks.filter(({ lastStatus }) => lastStatus === status).length;
        return [
          `${service.cluster}/${service.name}`,
          {
            taskDefinition: definitionName(primary.definition),
            desiredCount: service.desiredCount,
            runningCount: count('RUNNING'),
            pendingCount: count('PENDING'),
            rolloutState: primary.rolloutState,
            deployments: service.deployments.length,
          },
        ];
      }),
    ),
    weights: Object.fromEntries(
      forwarding.map(({ arn, groups }) => [
        arn,
        Object.fromEntries(
          groups.map(({ TargetGroupArn, Weight }) => [
            elbv2.targetGroups.get(TargetGroupArn ?? '')?.name ?? TargetGroupArn ?? '',
            Weight ?? 1,
          ]),
        ),
      ]),
    ),
    alarms: Object.fromEntries(
      [...cloudwatch.alarms, ...cloudwatch.compositeAlarms].map(({ name, state }) => [name, state.value]),
    ),
    snapshots: [...account.rds.snapshots.values()].map((snapshot) => {
      const { status, percent } = progressOf(snapshot, account.clock.now());
      return {
        id: snapshot.id,
        source: `${snapshot.kind} ${snapshot.source}`,
        status,
        percent,
        createdAt: new Date(snapshot.requestedMs).toISOString(),
        tags: Object.fromEntries(snapshot.tags),
      };
    }),
  };
}
