/** Many services with two sides each and a database, all behind one load balancer: one for each state to be stopped in. */
import type { Scenario } from '../../simulator/scenario/schema.ts';

const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
const listener = arn('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2');
const hex = (index: number): string => index.toString(16).padStart(16, '0');

export const pairNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `pair-${String(index + 1).padStart(2, '0')}`);

export const pairRule = (index: number): string => `${listener.replace(':listener/', ':listener-rule/')}/${hex(index)}`;
export const pairGroup = (name: string, side: 'blue' | 'green', index: number): string =>
  arn(`targetgroup/${name}-${side}/${hex(2 * index + (side === 'blue' ? 0 : 1))}`);

/** Group stickiness of every rule, seconds. */
export const stickySeconds = 600;

export function pairsConfiguration(count: number, policy: object): object {
  const services = Object.fromEntries(
    pairNames(count).map((name, index) => [
      name,
      {
        sides: (['blue', 'green'] as const).map((side) => ({
          name: side,
          cluster: 'shop',
          service: `${name}-${side}`,
          targetGroup: pairGroup(name, side, index),
        })),
        traffic: { rules: [pairRule(index)] },
        database: { instance: `${name}-db` },
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

/** All traffic is on green's v1.2.0 with group stickiness; blue runs v1.1.0. Nothing is wrong with either. */
export function pairsAccount(count: number): Scenario['account'] {
  const names = pairNames(count);
  const behaviour = { errorRate: 0.001, latencyMs: { p50: 60, p95: 140 }, startSeconds: 20 };
  return {
    clusters: ['shop'],
    taskDefinitions: names.flatMap((family) =>
      [1, 2].map((revision) => ({
        family,
        revision,
        image: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/${family}:v1.${revision}.0`,
        registeredAt: '-P6D',
        behaviour,
      })),
    ),
    targetGroups: names.flatMap((name, index) =>
      (['blue', 'green'] as const).map((side) => ({
        arn: pairGroup(name, side, index),
        deregistrationDelaySeconds: 10,
        healthCheck: { path: '/health', intervalSeconds: 10, healthyThreshold: 2 },
      })),
    ),
    loadBalancers: [
      {
        arn: arn('loadbalancer/app/shop/50dc6c495c0c9188'),
        listeners: [
          {
            arn: listener,
            port: 443,
            protocol: 'HTTPS',
            rules: names.map((name, index) => ({
              arn: pairRule(index),
              priority: index + 1,
              hosts: [`${name}.example.com`],
              forward: {
                weights: { [pairGroup(name, 'blue', index)]: 0, [pairGroup(name, 'green', index)]: 100 },
                stickiness: { enabled: true, durationSeconds: stickySeconds },
              },
            })),
          },
        ],
      },
    ],
    services: names.flatMap((name, index) =>
      (['blue', 'green'] as const).map((side) => ({
        cluster: 'shop',
        name: `${name}-${side}`,
        taskDefinition: `${name}:${side === 'blue' ? 1 : 2}`,
        desiredCount: 2,
        targetGroup: pairGroup(name, side, index),
        deployedAt: side === 'blue' ? '-P6D' : '-P1D',
      })),
    ),
    databases: { instances: names.map((name) => ({ id: `${name}-db`, engine: 'postgres', snapshotSeconds: 30 })) },
    traffic: names.map((name) => ({ host: `${name}.example.com`, path: '/', requestsPerSecond: 10 })),
    historyMinutes: 10,
  } as Scenario['account'];
}
