/**
 * Amazon ECS: what each side of a service runs now.
 *
 * Calls: ecs:DescribeServices
 */
import type { Side } from '../../lib/domain/model.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

export interface RunningSide {
  readonly side: string;
  /** ARN; undefined where ECS has no such service. */
  readonly taskDefinition?: string;
  readonly runningCount: number;
  readonly desiredCount: number;
  /** `COMPLETED`, `IN_PROGRESS`, `FAILED`; empty where ECS does not say. */
  readonly rolloutState: string;
}

export class Services {
  readonly #ecs;
  readonly #sdk = lazily(() => import('@aws-sdk/client-ecs'));

  constructor(clock: AccountClock) {
    this.#ecs = lazily(async () => clock.listenTo(new (await this.#sdk()).ECSClient(clientOptions)));
  }

  running(sides: readonly Side[]): Promise<RunningSide[]> {
    return Promise.all(sides.map((side) => this.#running(side)));
  }

  async #running({ name, cluster, service }: Side): Promise<RunningSide> {
    const [{ DescribeServicesCommand }, client] = await Promise.all([this.#sdk(), this.#ecs()]);
    const { services: [found] = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
    const primary = found?.deployments?.find(({ status }) => status === 'PRIMARY');
    const taskDefinition = primary?.taskDefinition ?? found?.taskDefinition;
    return {
      side: name,
      ...(taskDefinition && { taskDefinition }),
      runningCount: found?.runningCount ?? 0,
      desiredCount: found?.desiredCount ?? 0,
      rolloutState: primary?.rolloutState ?? '',
    };
  }
}
