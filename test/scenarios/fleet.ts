/** Many services like the example's one, behind one load balancer, for storms. */
import type { Scenario } from '../../simulator/scenario/schema.ts';

type AccountSpec = Scenario['account'];

const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
const listener = arn('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2');
const hex = (index: number): string => index.toString(16).padStart(16, '0');
const targetGroup = (name: string, index: number): string => arn(`targetgroup/${name}/${hex(index)}`);
const rule = (index: number): string => `${listener.replace(':listener/', ':listener-rule/')}/${hex(index)}`;

export const fleetNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `service-${String(index + 1).padStart(2, '0')}`);

/** @param policy for every service; the runbook is the example's */
export function fleetConfiguration(count: number, policy: object = {}): object {
  const services = Object.fromEntries(
    fleetNames(count).map((name, index) => [
      name,
      {
        sides: [{ name: 'main', cluster: 'shop', service: name, targetGroup: targetGroup(name, index) }],
        traffic: { rules: [rule(index)] },
        health: { probes: [{ url: `https://${name}.example.com/health` }] },
        runbook: 'runbooks/checkout.json',
        policy,
      },
    ]),
  );
  const contacts = { on_call_engineer: { email: 'oncall@example.com' } };
  return {
    environments: {
      production: { account: '111122223333', region: 'eu-west-1', production: true, contacts, services },
    },
  };
}

/** Every service runs revision 1, and has a revision 2 that fails a third of its requests. */
export function fleetAccount(count: number): AccountSpec {
  const names = fleetNames(count);
  const behaviour = { errorRate: 0.002, latencyMs: { p50: 60, p95: 140 }, startSeconds: 20 };
  return {
    clusters: ['shop'],
    taskDefinitions: names.flatMap((family) =>
      [1, 2].map((revision) => ({
        family,
        revision,
        image: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/${family}:v1.${revision}.0`,
        registeredAt: '-P6D',
        behaviour: revision === 2 ? { ...behaviour, errorRate: 0.3 } : behaviour,
      })),
    ),
    targetGroups: names.map((name, index) => ({
      arn: targetGroup(name, index),
      deregistrationDelaySeconds: 10,
      healthCheck: { path: '/health', intervalSeconds: 10, healthyThreshold: 2 },
    })),
    loadBalancers: [
      {
        arn: arn('loadbalancer/app/shop/50dc6c495c0c9188'),
        listeners: [
          {
            arn: listener,
            port: 443,
            protocol: 'HTTPS',
            rules: names.map((name, index) => ({
              arn: rule(index),
              priority: index + 1,
              hosts: [`${name}.example.com`],
              forward: { weights: { [targetGroup(name, index)]: 1 } },
            })),
          },
        ],
      },
    ],
    services: names.map((name, index) => ({
      cluster: 'shop',
      name,
      taskDefinition: `${name}:1`,
      desiredCount: 2,
      targetGroup: targetGroup(name, index),
      deployedAt: '-P6D',
    })),
    traffic: names.map((name) => ({ host: `${name}.example.com`, path: '/', requestsPerSecond: 10 })),
    historyMinutes: 10,
  } as AccountSpec;
}
