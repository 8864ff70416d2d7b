/**
 * A CDK app as a user would have it: network, cluster, service, load balancer and database as constructs, whose names only
 * the deployment knows, and a Backstep that protects them.
 */
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, type ICluster } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener,
  ApplicationListenerRule,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { DatabaseInstance, DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { App, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Backstep, type BackstepProps } from '../../lib/constructs/backstep.ts';

export const runbook = 'examples/01-checkout/runbooks/checkout.json';
export const place = { account: '111122223333', region: 'eu-west-1' };

/** Without the CDK's own linter and its call stacks, which take longer than all the rest. */
export const newApp = (): App =>
  new App({
    builtinCloudFormationValidation: false,
    stackTraces: false,
    analyticsReporting: false,
    treeMetadata: false,
  });

/** What a shop has, without anybody who protects it. */
export class Shop {
  readonly stack: Stack;
  readonly cluster: ICluster;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  // The CDK's classes are not written for exactOptionalPropertyTypes; its interfaces are.
  readonly #vpc: IVpc;

  constructor(app: App, name = 'Shop') {
    this.stack = new Stack(app, name, { env: place });
    this.#vpc = new Vpc(this.stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) as IVpc;
    this.cluster = new Cluster(this.stack, 'Cluster', { vpc: this.#vpc }) as ICluster;
    this.loadBalancer = new ApplicationLoadBalancer(this.stack, 'LoadBalancer', { vpc: this.#vpc });
    this.listener = new ApplicationListener(this.stack, 'Listener', {
      loadBalancer: this.loadBalancer,
      port: 80,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404),
    });
  }

  service(id: string): FargateService {
    const taskDefinition = new FargateTaskDefinition(this.stack, `${id}Task`);
    const image = ContainerImage.fromRegistry('registry.example.com/checkout:v2.14.3');
    taskDefinition.addContainer('web', { image, portMappings: [{ containerPort: 80 }] });
    return new FargateService(this.stack, id, { cluster: this.cluster, taskDefinition, minHealthyPercent: 100 });
  }

  targetGroup(id: string, service: FargateService): ApplicationTargetGroup {
    const group = new ApplicationTargetGroup(this.stack, id, {
      vpc: this.#vpc,
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.IP,
    });
    service.attachToApplicationTargetGroup(group);
    return group;
  }

  rule(id: string, priority: number, ...groups: ApplicationTargetGroup[]): ApplicationListenerRule {
    return new ApplicationListenerRule(this.stack, id, {
      listener: this.listener,
      priority,
      conditions: [ListenerCondition.hostHeaders([`${id.toLowerCase()}.example.com`])],
      action: ListenerAction.weightedForward(groups.map((targetGroup) => ({ targetGroup, weight: 1 }))),
    });
  }

  database(): DatabaseInstance {
    const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_16 });
    return new DatabaseInstance(this.stack, 'Database', {
      engine,
      vpc: this.#vpc,
      vpcSubnets: { subnets: this.#vpc.isolatedSubnets.concat(this.#vpc.publicSubnets) },
    });
  }

  backstep(props: BackstepProps = { environment: 'production' }, scope: Construct = this.stack): Backstep {
    return new Backstep(scope, 'Backstep', props);
  }
}
