/** A fleet as a scenario: its service runs a bad release, and a person starts the rollback. */
import { parseScenario } from '../../simulator/scenario/parse.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { boundSeconds, type Fleet } from './bound.ts';

const elb = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
const targetGroup = (side: string): string => elb(`targetgroup/${side}/0123456789abcdef`);
const listener = elb('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2');
const rule = elb('listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee');

/**
 * With two sides the traffic is on the second, and both run the bad release: the first has to be put back before it gets
 * the traffic.
 */
export function scenarioOf(name: string, fleet: Fleet, sides: 1 | 2, seed: number): Scenario {
  // The bad release needs as long to arrive as the good one to come back, and ECS may be slower than its bound.
  const minutes = Math.ceil((boundSeconds(fleet) * 1.5) / 60) + 2;
  const names = sides === 1 ? ['main'] : ['blue', 'green'];
  const serving = names.at(-1) ?? '';
  const weights = Object.fromEntries(names.map((side) => [targetGroup(side), side === serving ? 100 : 0]));
  return parseScenario(
    {
      name,
      seed,
      config: configurationOf(names),
      account: {
        clusters: ['shop'],
        taskDefinitions: [1, 2].map((revision) => ({
          family: 'shop',
          revision,
          image: `registry.example.com/shop:v${revision}`,
          registeredAt: '-P9D',
          behaviour: behaviourOf(fleet),
        })),
        targetGroups: names.map((side) => ({
          arn: targetGroup(side),
          deregistrationDelaySeconds: fleet.drainSeconds,
          healthCheck: { path: '/health', intervalSeconds: fleet.checkIntervalSeconds, healthyThreshold: 2 },
        })),
        loadBalancers: [
          {
            arn: elb('loadbalancer/app/shop/50dc6c495c0c9188'),
            listeners: [
              {
                arn: listener,
                port: 443,
                protocol: 'HTTPS',
                rules: [{ arn: rule, priority: 1, hosts: ['shop.example.com'], forward: { weights } }],
              },
            ],
          },
        ],
        services: names.map((side) => ({
          cluster: 'shop',
          name: side,
          taskDefinition: 'shop:1',
          desiredCount: fleet.tasks,
          targetGroup: targetGroup(side),
          deployedAt: '-P9D',
          minimumHealthyPercent: fleet.minimumHealthyPercent,
          maximumPercent: fleet.maximumPercent,
          healthCheckGracePeriodSeconds: fleet.graceSeconds,
        })),
        traffic: [{ host: 'shop.example.com', path: '/', requestsPerSecond: 5 }],
        historyMinutes: 1,
      },
      events: [
        ...names.map((service) => ({ at: 'PT0S', type: 'deploy', cluster: 'shop', service, taskDefinition: 'shop:2' })),
        {
          at: `PT${minutes}M`,
          type: 'start',
          input: {
            service: 'shop',
            confirm: 'ROLLBACK PRODUCTION',
            ...(sides === 2 && { strategy: 'instant' }),
          },
        },
      ],
      until: `PT${2 * minutes}M`,
    },
    name,
  );
}

function configurationOf(names: readonly string[]): object {
  const sides = names.map((name) => ({ name, cluster: 'shop', service: name, targetGroup: targetGroup(name) }));
  const service = { sides, traffic: { rules: [rule] }, runbook: 'runbooks/checkout.json' };
  const contacts = { on_call_engineer: { email: 'oncall@example.com' } };
  return {
    environments: {
      production: {
        account: '111122223333',
        region: 'eu-west-1',
        production: true,
        contacts,
        services: { shop: service },
      },
    },
  };
}

/** Good as bad, since a person starts the rollback and no alarm is to come first. */
function behaviourOf({ startSeconds, stopSeconds, warmUpSeconds }: Fleet): object {
  const serving = { errorRate: 0, latencyMs: { p50: 40, p95: 120 }, startSeconds, stopSeconds };
  if (warmUpSeconds === 0) return serving;
  return { ...serving, healthy: false, changes: [{ afterSeconds: warmUpSeconds, healthy: true }] };
}
