/**
 * A shop with its own network, cluster, service, load balancer and database, and a Backstep that protects the service.
 * Account and region: SHOP_ACCOUNT and SHOP_REGION, else the profile's, which the CDK's command passes on.
 */
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListenerRule,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { DatabaseInstance, DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { App, Duration, Fn, Stack } from 'aws-cdk-lib/core';
import { Backstep } from 'backstep';

class Shop extends Stack {
  /** Named at deployment: the CDK's command would ask the account for them, which takes credentials. */
  get availabilityZones() {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  constructor(scope, id, props) {
    super(scope, id, props);
    const vpc = new Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new Cluster(this, 'Cluster', { vpc });

    const database = new DatabaseInstance(this, 'Database', {
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_16 }),
      instanceType: new InstanceType('t4g.small'),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      storageEncrypted: true,
    });

    const taskDefinition = new FargateTaskDefinition(this, 'CheckoutTask', { cpu: 256, memoryLimitMiB: 512 });
    taskDefinition.addContainer('web', {
      image: ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.27'),
      portMappings: [{ containerPort: 80 }],
    });
    const service = new FargateService(this, 'Checkout', {
      cluster,
      taskDefinition,
      desiredCount: 2,
      minHealthyPercent: 100,
    });
    database.connections.allowDefaultPortFrom(service);

    const targetGroup = new ApplicationTargetGroup(this, 'CheckoutTargets', {
      vpc,
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      targets: [service],
      deregistrationDelay: Duration.seconds(30),
      healthCheck: { path: '/', interval: Duration.seconds(10), timeout: Duration.seconds(5) },
    });
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    const listener = loadBalancer.addListener('Http', { port: 80, defaultTargetGroups: [targetGroup] });
    const rule = new ApplicationListenerRule(this, 'CheckoutRule', {
      listener,
      priority: 10,
      conditions: [ListenerCondition.pathPatterns(['/checkout/*'])],
      targetGroups: [targetGroup],
    });

    const backstep = new Backstep(this, 'Backstep', {
      environment: 'production',
      contacts: { on_call_engineer: { email: 'oncall@example.com' } },
    });
    backstep.protect(service, {
      name: 'checkout',
      targetGroup,
      rules: [rule, listener],
      database,
      health: { probes: [{ url: `http://${loadBalancer.loadBalancerDnsName}/` }] },
      runbook: 'runbooks/checkout.json',
    });
  }
}

const { SHOP_ACCOUNT, SHOP_REGION, CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION } = process.env;
const app = new App();
new Shop(app, 'Shop', {
  env: { account: SHOP_ACCOUNT ?? CDK_DEFAULT_ACCOUNT, region: SHOP_REGION ?? CDK_DEFAULT_REGION },
});
app.synth();
