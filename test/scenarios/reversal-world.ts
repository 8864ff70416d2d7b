/** A world for each cell of the table of reversals: a service in that state, and a target in that position. */
import type { Kind, TableCell } from '../../lib/domain/reversal/table.ts';
import { parseScenario } from '../../simulator/scenario/parse.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { examples, type Input } from './shop.ts';

const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;
const listener = arn('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2');
const rule = `${listener.replace(':listener/', ':listener-rule/')}/9683b2d02a6cabee`;
export const blue = arn('targetgroup/shop-blue/0000000000000001');
export const green = arn('targetgroup/shop-green/0000000000000002');
const alarm = 'shop-errors';

export const directory = examples.oneSide;
type Events = NonNullable<Input['events']>;
type Service = NonNullable<Scenario['account']['services']>[number];

/** Revision 2 is what was in service, 3 what is deployed over it, and 1 is older than both. */
export const targetOf = ({ state, position }: Pick<TableCell, 'state' | 'position'>): number => {
  if (position === 'elsewhere') return 1;
  if (state === 'finished') return 2;
  if (state === 'given up') return 3;
  // Whoever rolls back goes to what was in service.
  return position === 'destination' && state !== 'rolling back' ? 3 : 2;
};

const isNative = (kind: Kind): boolean => ['blue/green', 'linear', 'canary'].includes(kind);

export interface World {
  readonly kind: Kind;
  readonly service?: Partial<Service>;
  readonly group?: object;
  readonly policy?: object;
  readonly events: Events;
  readonly until?: string;
  /** Of the tasks of revision 3. */
  readonly behaviour?: object;
  readonly side?: object;
  readonly expect?: Input['expect'];
  readonly account?: object;
}

export function scenarioOf(name: string, world: World): Scenario {
  const { kind, events, policy, until = 'PT20M', expect } = world;
  const traffic = kind === 'CodeDeploy' ? listener : rule;
  const config = {
    environments: {
      production: {
        account: '111122223333',
        region: 'eu-west-1',
        production: false,
        contacts: { on_call_engineer: { email: 'oncall@example.com' } },
        services: {
          shop: {
            sides: [
              {
                name: 'main',
                cluster: 'shop',
                service: 'shop',
                targetGroup: blue,
                ...((isNative(kind) || kind === 'CodeDeploy') && { alternateTargetGroup: green }),
                ...(kind === 'CodeDeploy' && { codeDeploy: { application: 'shop', group: 'shop' } }),
                ...world.side,
              },
            ],
            traffic: { rules: [traffic] },
            runbook: 'runbooks/checkout.json',
            policy: { bakeMinutes: 0, ...policy },
          },
        },
      },
    },
  };
  const input: Input = {
    name,
    config: config as never,
    account: { ...accountOf(world), ...world.account } as never,
    events,
    until,
    ...(expect && { expect }),
  };
  return parseScenario(input, name);
}

function accountOf({ kind, service, group, behaviour }: World): object {
  // One task at a time, so that going back takes a while.
  const inPlace = (kind === 'rolling' || kind === 'daemon') && { minimumHealthyPercent: 50, maximumPercent: 100 };
  const tasks = { startSeconds: 20, latencyMs: { p50: 60, p95: 140 } };
  const forward = { weights: { [blue]: 1 } };
  return {
    clusters: ['shop'],
    taskDefinitions: [1, 2, 3].map((revision) => ({
      family: 'shop',
      revision,
      image: `shop:v${revision}`,
      registeredAt: '-P6D',
      behaviour: revision === 3 ? { ...tasks, startSeconds: 90, stopSeconds: 60, ...behaviour } : tasks,
    })),
    targetGroups: [blue, green].map((group) => ({
      arn: group,
      deregistrationDelaySeconds: 10,
      healthCheck: { path: '/health', intervalSeconds: 10, healthyThreshold: 2 },
    })),
    loadBalancers: [
      {
        arn: arn('loadbalancer/app/shop/50dc6c495c0c9188'),
        hosts: ['shop.example.com'],
        listeners: [
          kind === 'CodeDeploy'
            ? { arn: listener, default: forward }
            : { arn: listener, rules: [{ arn: rule, priority: 1, hosts: ['shop.example.com'], forward }] },
        ],
      },
    ],
    services: [
      {
        cluster: 'shop',
        name: 'shop',
        taskDefinition: 'shop:2',
        desiredCount: 2,
        targetGroup: blue,
        deployedAt: '-P6D',
        history: [{ taskDefinition: 'shop:1', at: '-P21D' }],
        ...inPlace,
        ...(kind === 'daemon' && { scheduling: 'DAEMON', launchType: 'EC2' }),
        ...(kind === 'CodeDeploy' && { controller: 'CODE_DEPLOY', history: [] }),
        ...(kind === 'external' && { controller: 'EXTERNAL', history: [] }),
        ...(isNative(kind) && { strategy: strategyOf(kind) }),
        ...service,
      },
    ],
    ...(kind === 'CodeDeploy' && {
      deploymentGroups: [
        {
          application: 'shop',
          name: 'shop',
          cluster: 'shop',
          service: 'shop',
          productionListeners: [listener],
          targetGroups: [blue, green],
          config: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
          terminationWaitMinutes: 5,
          history: [{ taskDefinition: 'shop:2', at: '-P6D' }],
          ...group,
        },
      ],
    }),
    alarms: [
      {
        name: alarm,
        namespace: 'Shop',
        metricName: 'Errors',
        comparison: 'GreaterThanThreshold',
        threshold: 1,
        // Nobody publishes it: what somebody sets stays.
        treatMissingData: 'ignore',
      },
    ],
    traffic: [{ host: 'shop.example.com', path: '/', requestsPerSecond: 5 }],
    historyMinutes: 1,
  };
}

export const strategyOf = (kind: Kind, hooks?: readonly object[]): object => ({
  type: kind === 'canary' ? 'CANARY' : kind === 'linear' ? 'LINEAR' : 'BLUE_GREEN',
  alternateTargetGroup: green,
  productionRule: rule,
  bakeMinutes: 1,
  ...(kind === 'linear' && { stepPercent: 50, stepBakeMinutes: 1 }),
  ...(kind === 'canary' && { canaryPercent: 10, canaryBakeMinutes: 1 }),
  ...(hooks && { hooks }),
});

// ---------------------------------------------------------------- events

const named = { cluster: 'shop', service: 'shop' } as const;

/** Somebody deploys a revision, as the service is deployed. */
export const deploys = (kind: Kind, at: string, revision = 3): Events[number] =>
  kind === 'CodeDeploy'
    ? { at, type: 'codeDeploy', application: 'shop', group: 'shop', taskDefinition: `shop:${revision}` }
    : { at, type: 'deploy', ...named, taskDefinition: `shop:${revision}` };
export const stops = (at: string): Events[number] => ({ at, type: 'stopDeployment', ...named });
export const answers = (at: string, action: 'CONTINUE' | 'ROLLBACK' = 'CONTINUE'): Events[number] => ({
  at,
  type: 'continueDeployment',
  ...named,
  action,
});
export const rollsBack = (at: string, revision: number, more: object = {}): Events[number] => ({
  at,
  type: 'start',
  input: { service: 'shop', version: `revision-${revision}`, reason: 'a test', ...more } as never,
});

/** Brings the service into the cell's state, and starts a rollback to the cell's target. */
export function worldOf(cell: TableCell): World {
  const { kind, state } = cell;
  const target = targetOf(cell);
  const codeDeploy = kind === 'CodeDeploy';
  switch (state) {
    case 'finished':
      return { kind, events: [rollsBack('PT2M', target)] };
    case 'under way':
      // Bringing the target may take a canary's time.
      return { kind, events: [deploys(kind, 'PT1M'), rollsBack('PT1M30S', target, { timeout: 1200 })] };
    case 'paused': {
      const pause = [{ stages: ['POST_SCALE_UP'] }];
      const waits = codeDeploy
        ? { group: { readyWaitMinutes: 60 } }
        : { service: { strategy: strategyOf(kind, pause) as never } };
      // A deployment of our own waits at the same gate, which somebody opens.
      const opened = cell.cell === 'update-service' || cell.cell.endsWith('codedeploy-create') ? [answers('PT9M')] : [];
      return {
        kind,
        ...waits,
        events: [deploys(kind, 'PT1M'), rollsBack('PT4M', target, { timeout: 1200 }), ...opened],
      };
    }
    case 'rolling back': {
      const begun = codeDeploy || isNative(kind) ? 'PT3M30S' : 'PT1M30S';
      const started = codeDeploy || isNative(kind) ? 'PT3M40S' : 'PT1M35S';
      return {
        kind,
        events: [deploys(kind, 'PT1M'), stops(begun), rollsBack(started, target, { timeout: 1200 })],
      };
    }
    case 'given up':
      if (codeDeploy) {
        const group = { readyWaitMinutes: 5, readyAction: 'STOP_DEPLOYMENT' };
        return {
          kind,
          group,
          events: [deploys(kind, 'PT1M'), rollsBack('PT9M', target, { timeout: 1200 }), answers('PT12M')],
          until: 'PT25M',
        };
      }
      return {
        kind,
        service: { deploymentAlarms: { names: [alarm], rollback: false } },
        events: [
          deploys(kind, 'PT1M'),
          { at: 'PT1M20S', type: 'alarm', name: alarm, state: 'ALARM', reason: 'a test' },
          rollsBack('PT2M', target, { timeout: 1200 }),
        ],
      };
  }
}
