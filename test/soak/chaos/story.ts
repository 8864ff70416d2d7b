/** What a seed lets happen: the example's bad release, people who interfere, tasks that do not start. */
import { dirname, join } from 'node:path';
import { loadScenario, parseScenario } from '../../../simulator/scenario/parse.ts';
import type { Scenario } from '../../../simulator/scenario/schema.ts';
import type { Dice } from './dice.ts';
import { environmentMarker, oidcMarker } from './secrets.ts';

type Event = Scenario['events'][number];

const root = join(import.meta.dirname, '../../..');
const examples = ['01-checkout', '02-two-sides'].map((name) => join(root, 'examples', name, 'scenario.json'));

export interface Told {
  readonly scenario: Scenario;
  /** Where its configuration's path starts. */
  readonly baseDir: string;
}

export function storyOf(seed: number, dice: Dice): Told {
  const file = dice.one(examples);
  const example = loadScenario(file);
  const { account, config } = withSecrets(example, dice.happens(0.1));
  const services = (account.services ?? []).map(({ name }) => name);
  const input = {
    name: `chaos ${seed}`,
    config,
    seed,
    account,
    events: [...example.events, ...people(dice, services), ...tasks(dice)],
    until: 'PT2H',
  };
  return { scenario: parseScenario(input, input.name), baseDir: dirname(file) };
}

/** Markers where real accounts hold secrets: none of them may turn up anywhere else. */
function withSecrets(example: Scenario, login: boolean): Pick<Scenario, 'account' | 'config'> {
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
  return { account, config: example.config };
}

function people(dice: Dice, services: readonly string[]): Event[] {
  const confirm = 'ROLLBACK PRODUCTION';
  const start = (input: Record<string, string | boolean>): Event => ({ at: dice.minute(3, 30), type: 'start', input });
  const some = (chance: number, event: () => Event): Event[] => (dice.happens(chance) ? [event()] : []);
  const deploy = (): Event => ({
    at: dice.minute(4, 20),
    type: 'deploy',
    cluster: 'shop',
    service: dice.one(services),
    taskDefinition: dice.one(['checkout:40', 'checkout:41', 'checkout:42']),
  });
  return [
    ...some(0.3, () => start({ service: 'checkout', confirm })),
    ...some(0.3, () => start({ service: 'checkout', confirm, reason: 'A second person' })),
    ...some(0.2, () => start({ service: 'checkout', confirm, version: 'revision-40' })),
    ...some(0.2, () => start({ service: 'checkout', dryRun: true })),
    ...some(0.2, () => start({ service: 'checkout' })),
    ...some(0.1, () => start({ service: 'chekout', confirm })),
    ...some(0.3, deploy),
    ...some(0.1, deploy),
  ];
}

/** The release to go back to does not start, or starts and never gets healthy. */
function tasks(dice: Dice): Event[] {
  if (!dice.happens(0.25)) return [];
  const behaviour = dice.one([
    { imageMissing: true },
    { crashAfterSeconds: 12, exitCode: 137 },
    { healthy: false },
    { errorRate: 0.4 },
    { startSeconds: 240 },
  ]);
  const taskDefinition = dice.one(['checkout:41', 'checkout:40']);
  return [{ at: dice.minute(3, 12), type: 'behaviour', taskDefinition, behaviour }];
}
