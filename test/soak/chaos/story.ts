/** What a seed lets happen: an example's bad release, people who interfere, answer or stay silent, tasks that do not start. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadScenario, parseScenario } from '../../../simulator/scenario/parse.ts';
import type { Scenario } from '../../../simulator/scenario/schema.ts';
import type { Dice } from './dice.ts';
import { environmentMarker, oidcMarker } from './secrets.ts';

type Event = Scenario['events'][number];
type Policy = Readonly<Record<string, unknown>>;

interface Example {
  readonly directory: string;
  readonly service: string;
  /** Release before the target, target, bad one. */
  readonly revisions: readonly [number, number, number];
  /** One of these, over the example's own. Few, since each is a stack of its own that has to be synthesized. */
  readonly policies: readonly Policy[];
}

const silence = { approvalMinutes: 12, approvalDefault: 'approve' };
const quick = { bakeMinutes: 10, stepSeconds: 60 };

const examples: readonly Example[] = [
  {
    directory: '01-checkout',
    service: 'checkout',
    revisions: [40, 41, 42],
    policies: [{}, { ...silence, bakeMinutes: 5 }],
  },
  {
    directory: '02-two-sides',
    service: 'checkout',
    revisions: [40, 41, 42],
    policies: [
      {},
      { ...quick, strategy: 'canary', badSide: 'scale-in' },
      { ...quick, strategy: 'blue-green', badSide: 'revert' },
    ],
  },
  {
    directory: '04-whole-workflow',
    service: 'orders',
    revisions: [17, 18, 19],
    policies: [
      {},
      { ...quick, ...silence, strategy: 'canary', badSide: 'revert' },
      { ...quick, strategy: 'blue-green', backup: 'preferred', awaitBackup: true, snapshotMinutes: 10 },
    ],
  },
];

export interface Told {
  readonly scenario: Scenario;
  /** Where its configuration's path starts. */
  readonly baseDir: string;
}

export function storyOf(seed: number, dice: Dice): Told {
  const chosen = dice.one(examples);
  const file = join(import.meta.dirname, '../../../examples', chosen.directory, 'scenario.json');
  const example = loadScenario(file);
  const config = withPolicy(dirname(file), chosen.service, dice.one(chosen.policies));
  const account = withSecrets(example, dice.happens(0.1));
  const input = {
    name: `chaos ${seed}`,
    config: config as never,
    seed,
    account,
    events: [...happens(example), ...people(dice, chosen, account), ...tasks(dice, chosen)],
    until: 'PT2H',
  };
  return { scenario: parseScenario(input, input.name), baseDir: dirname(file) };
}

/** People answer by the dice: whether anybody asks is not known here. */
const happens = ({ events }: Scenario): Event[] =>
  events.filter(({ type }) => type !== 'approve' && type !== 'decline');

function withPolicy(directory: string, service: string, policy: Policy): object {
  const config = JSON.parse(readFileSync(join(directory, 'backstep.json'), 'utf8'));
  const section = config.environments.production.services[service];
  section.policy = { ...section.policy, ...policy };
  return config;
}

/** Markers where real accounts hold secrets: none of them may turn up anywhere else. */
function withSecrets(example: Scenario, login: boolean): Scenario['account'] {
  const account = structuredClone(example.account);
  for (const definition of account.taskDefinitions ?? []) {
    const { image = 'app:1' } = definition;
    definition.containers = [
      { name: definition.family, image, port: 8080, environment: { DATABASE_PASSWORD: environmentMarker } },
    ];
    delete definition.image;
  }
  for (const { listeners } of account.loadBalancers ?? [])
    for (const { rules } of listeners)
      for (const { forward } of rules ?? [])
        if (forward && login)
          forward.oidc = {
            issuer: 'https://login.example.com',
            authorizationEndpoint: 'https://login.example.com/authorize',
            tokenEndpoint: 'https://login.example.com/token',
            userInfoEndpoint: 'https://login.example.com/userinfo',
            clientId: 'shop',
            clientSecret: oidcMarker,
          };
  return account;
}

const definition = ({ service }: Example, revision: number): string => `${service}:${revision}`;
const some = (dice: Dice, chance: number, event: () => Event): Event[] => (dice.happens(chance) ? [event()] : []);

function people(dice: Dice, example: Example, account: Scenario['account']): Event[] {
  const { service, revisions } = example;
  const confirm = 'ROLLBACK PRODUCTION';
  const start = (input: Record<string, string | boolean>): Event => ({ at: dice.minute(3, 30), type: 'start', input });
  const deploy = (): Event => ({
    at: dice.minute(4, 20),
    type: 'deploy',
    cluster: 'shop',
    service: dice.one((account.services ?? []).map(({ name }) => name)),
    taskDefinition: definition(example, dice.one(revisions)),
  });
  return [
    ...some(dice, 0.3, () => start({ service, confirm })),
    ...some(dice, 0.3, () => start({ service, confirm, reason: 'A second person' })),
    ...some(dice, 0.2, () => start({ service, confirm, version: `revision-${revisions[0]}` })),
    ...some(dice, 0.2, () => start({ service, dryRun: true })),
    ...some(dice, 0.2, () => start({ service })),
    ...some(dice, 0.1, () => start({ service: `${service}x`, confirm })),
    ...some(dice, 0.3, deploy),
    ...some(dice, 0.1, deploy),
    ...byHand(dice, account),
  ];
}

/** Somebody moves the traffic in the middle of it. */
function byHand(dice: Dice, account: Scenario['account']): Event[] {
  const rules = (account.loadBalancers ?? []).flatMap(({ listeners }) => listeners.flatMap((one) => one.rules ?? []));
  const groups = (account.targetGroups ?? []).map(({ arn }) => arn);
  const [rule] = rules;
  const [first = '', second = ''] = groups;
  if (!rule || groups.length !== 2) return [];
  return some(dice, 0.2, () => {
    const share = dice.one([0, 20, 50, 100]);
    return {
      at: dice.minute(10, 40),
      type: 'weights',
      rule: rule.arn,
      weights: { [first]: share, [second]: 100 - share },
    };
  });
}

/** The release to go back to does not start, or starts and never gets healthy. */
function tasks(dice: Dice, example: Example): Event[] {
  if (!dice.happens(0.25)) return [];
  const behaviour = dice.one([
    { imageMissing: true },
    { crashAfterSeconds: 12, exitCode: 137 },
    { healthy: false },
    { errorRate: 0.4 },
    { startSeconds: 240 },
  ]);
  const [before, target] = example.revisions;
  const taskDefinition = definition(example, dice.one([target, before]));
  return [{ at: dice.minute(3, 12), type: 'behaviour', taskDefinition, behaviour }];
}
