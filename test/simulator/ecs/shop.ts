/** The shop with one ECS service, and what tests ask of it through the real client. */
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { trafficShare } from '../../../simulator/services/ecs/traffic.ts';
import type { AccountSpec, ServiceSpec } from '../../../simulator/world/spec.ts';
import { blue, checkout, green, openShop, rule, twoSides } from '../world/shop.ts';

export const cluster = 'shop';
export const service = 'checkout';
export const good = 'checkout:12';
export const bad = 'checkout:13';

export class EcsShop {
  readonly account: SimulatedAccount;
  readonly ecs: ECSClient;

  constructor(change: Partial<ServiceSpec> = {}, account: Partial<AccountSpec> = {}) {
    const services = [{ ...checkout, ...change }];
    this.account = openShop({ ...twoSides, ...account, services });
    this.ecs = new ECSClient(clientConfig(this.account));
  }

  update(change: Partial<UpdateServiceCommandInput>): Promise<unknown> {
    return drive(this.account, this.ecs.send(new UpdateServiceCommand({ cluster, service, ...change })));
  }

  deploy(taskDefinition: string): Promise<unknown> {
    return this.update({ taskDefinition });
  }

  async service(): Promise<Service> {
    const { services = [] } = await drive(
      this.account,
      this.ecs.send(new DescribeServicesCommand({ cluster, services: [service] })),
    );
    return services[0] as Service;
  }

  /** The newest is the first. */
  async deployments(): Promise<ServiceDeployment[]> {
    const { serviceDeployments = [] } = await drive(
      this.account,
      this.ecs.send(new ListServiceDeploymentsCommand({ cluster, service })),
    );
    const arns = serviceDeployments.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
    const described = await drive(
      this.account,
      this.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns })),
    );
    return described.serviceDeployments ?? [];
  }

  async newest(): Promise<ServiceDeployment> {
    return (await this.deployments())[0] as ServiceDeployment;
  }

  async revision(arn: string | undefined) {
    const { serviceRevisions = [] } = await drive(
      this.account,
      this.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [arn ?? ''] })),
    );
    return serviceRevisions[0];
  }

  async stop(arn?: string): Promise<unknown> {
    const serviceDeploymentArn = arn ?? (await this.newest()).serviceDeploymentArn;
    const stop = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' });
    return drive(this.account, this.ecs.send(stop));
  }

  /** Percent of the rule's traffic on green. */
  onGreen(route = rule): number {
    return trafficShare(this.account, route, green);
  }

  /** `family:revision` of tasks that run, by how many. */
  running(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const task of this.account.ecs.requireService(cluster, service).tasks) {
      const name = `${task.definition.family}:${task.definition.revision}`;
      if (task.lastStatus === 'RUNNING' && !task.draining) counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Names of the deployment events so far. */
  events(): string[] {
    return this.account.events.received
      .filter((event) => event['detail-type'] === 'ECS Deployment State Change')
      .map(({ detail }) => (detail as { eventName: string }).eventName.replace('SERVICE_DEPLOYMENT_', ''));
  }
}

/** ECS owns the weights of the rule between blue and green. */
export const blueGreen = {
  type: 'BLUE_GREEN',
  alternateTargetGroup: green,
  productionRule: rule,
  bakeMinutes: 10,
} as const satisfies ServiceSpec['strategy'];

export { blue, green };
