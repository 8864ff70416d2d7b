import type { SimulatedAccount } from '../account.ts';

export interface WorldDocument {
  /** Keyed `family:revision`. */
  readonly taskDefinitions: Record<string, { status: string; images: string[] }>;
  /** Keyed `cluster/service`. */
  readonly services: Record<
    string,
    {
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
  readonly snapshots: readonly never[];
}

/** The account as it stands now, for the `--json` document. `taskDefinition` is `family:revision`. */
export function describeWorld(_account: SimulatedAccount): WorldDocument {
  throw new Error('describeWorld is not built yet');
}
