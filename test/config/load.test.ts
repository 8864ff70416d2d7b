import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../lib/config/canonical.ts';
import { loadConfiguration } from '../../lib/config/load.ts';
import { policy } from '../policy.ts';
import {
  arn,
  directoryWith,
  type Loose,
  minimal,
  parse,
  problems,
  rule,
  smallRunbook,
  targetGroup,
} from './fixture.ts';

const root = join(import.meta.dirname, '..', '..');
const service = 'environments.production.services.checkout';

describe('a sound configuration', () => {
  test('has a default for everything that identifies no resource', () => {
    const { environments, warnings } = parse(minimal());
    const production = environments.production;
    expect(production).toMatchObject({ name: 'production', partition: 'aws', production: true, contacts: {} });
    expect(production?.services.checkout).toMatchObject({
      environment: 'production',
      account: '111122223333',
      region: 'eu-west-1',
      production: true,
      service: 'checkout',
      traffic: { rules: [rule] },
      health: { probes: [], minimumRequestsPerMinute: 20 },
      baseline: { errorRatePercent: 1, p95ResponseTimeMs: 500 },
      policy,
      runbook: { path: 'runbook.json', runbookId: 'rb_1', document: smallRunbook },
      triggers: [{ triggerId: 'error_rate_spike', compiled: true, autoExecute: true }],
    });
    expect(warnings).toEqual([]);
  });

  test.each(['01-checkout', '02-two-sides'])('example %s loads without a warning', (example) => {
    const { environments, warnings } = loadConfiguration(join(root, 'examples', example, 'backstep.json'));
    expect(warnings).toEqual([]);
    const triggers = environments.production?.services.checkout?.triggers ?? [];
    expect(triggers.map(({ triggerId, compiled }) => [triggerId, compiled])).toEqual([
      ['error_rate_spike', true],
      ['response_time_degradation', true],
      ['availability_drop', true],
      ['cpu_saturation', true],
    ]);
  });

  test('is the same however often it is read, and whatever the order of its keys', () => {
    const path = join(root, 'examples', '02-two-sides', 'backstep.json');
    const once = canonicalJson(loadConfiguration(path));
    expect(canonicalJson(loadConfiguration(path))).toBe(once);
    const reversed = (value: Loose): Loose =>
      Array.isArray(value)
        ? value.map(reversed)
        : value && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, entry]) => [key, reversed(entry)]),
            )
          : value;
    expect(canonicalJson(parse(reversed(minimal())))).toBe(canonicalJson(parse(minimal())));
  });

  test('pins the runbook by the hash of its bytes', () => {
    const path = join(root, 'examples', '01-checkout', 'backstep.json');
    const { runbook } = loadConfiguration(path).environments.production?.services.checkout ?? {};
    expect(runbook?.sha256).toBe(
      sha256(readFileSync(join(root, 'examples', '01-checkout', 'runbooks', 'checkout.json'))),
    );
  });

  test('a load balancer that another service uses is shared, unless nobody else does', () => {
    const alone = parse(minimal()).environments.production?.services.checkout?.triggers[0]?.alarms[0];
    expect(alone?.queries.map(({ id }) => id)).toContain('balancer5xx');
    const neighbours = parse(
      minimal((document, first) => {
        document.environments.production.services.cart = {
          ...first,
          sides: [
            { name: 'main', cluster: 'shop', service: 'cart', targetGroup: arn('targetgroup/cart/9b2d2e7f6d4c8a10') },
          ],
          traffic: { rules: [rule.replace('9683b2d02a6cabee', '9683b2d02a6cab00')] },
        };
      }),
    ).environments.production?.services.checkout?.triggers[0]?.alarms[0];
    expect(neighbours?.queries.map(({ id }) => id)).not.toContain('balancer5xx');
  });

  test('what deserves a look is said: triggers without alarms, and contacts that nobody can reach', () => {
    const [trigger] = smallRunbook.trigger_conditions;
    const directory = directoryWith({
      'backstep.json': minimal(),
      'runbook.json': {
        ...smallRunbook,
        trigger_conditions: [
          { ...trigger, escalation_contacts: ['sre_team'] },
          { ...trigger, trigger_id: 'mood', metric_threshold: { metric: 'mood' } },
        ],
      },
    });
    expect(loadConfiguration(join(directory, 'backstep.json')).warnings).toEqual([
      expect.stringMatching(
        /^environments\.production\.services\.checkout: trigger mood has no alarm\. trigger_conditions\[1\]\.metric_threshold\.metric: found "mood", allowed: error_rate, /,
      ),
      "environments.production.services.checkout: the runbook calls sre_team, who are not among the environment's contacts.",
    ]);
  });

  test('a service that no alarm watches is said: only people start its rollbacks', () => {
    const directory = directoryWith({ 'backstep.json': minimal(), 'runbook.json': { runbook_id: 'rb_1' } });
    expect(loadConfiguration(join(directory, 'backstep.json')).warnings).toEqual([
      'environments.production.services.checkout: the runbook has no trigger_conditions and no alarm is adopted, so only people can start a rollback.',
    ]);
  });
});

describe('a configuration broken in one way', () => {
  const policyKeys = Object.keys(policy).join(', ');
  const secondSide = {
    name: 'green',
    cluster: 'shop',
    service: 'checkout-green',
    targetGroup: arn('targetgroup/checkout-green/09966783158cda59'),
  };

  test.each<[string, (document: Loose, service: Loose) => void, string]>([
    [
      'a number below its range',
      (_, s) => {
        s.policy = { bakeMinutes: -5 };
      },
      `${service}.policy.bakeMinutes: found -5, allowed: a whole number of minutes from 0 to 1440`,
    ],
    [
      'a misspelt key',
      (_, s) => {
        s.policy = { bakeMinuets: 5 };
      },
      `${service}.policy.bakeMinuets: found the unknown key "bakeMinuets", allowed: "bakeMinutes", perhaps? The keys here are ${policyKeys}`,
    ],
    [
      'an unknown key',
      (_, s) => {
        s.policy = { colour: 'red' };
      },
      `${service}.policy.colour: found the unknown key "colour", allowed: one of the keys ${policyKeys}`,
    ],
    [
      'no region',
      (d) => {
        delete d.environments.production.region;
      },
      'environments.production.region: found nothing, allowed: an AWS region such as eu-west-1',
    ],
    [
      'an account as number',
      (d) => {
        d.environments.production.account = 111122223333;
      },
      'environments.production.account: found 111122223333, allowed: the 12 digits of an AWS account, in quotes',
    ],
    [
      "another account's target group",
      (_, s) => {
        s.sides[0].targetGroup = arn('targetgroup/checkout/943f017f100becff', '444455556666');
      },
      `${service}.sides[0].targetGroup: found account 444455556666, allowed: the environment's account, 111122223333`,
    ],
    [
      "another region's rule",
      (_, s) => {
        s.traffic.rules = [rule.replace('eu-west-1', 'us-east-1')];
      },
      `${service}.traffic.rules[0]: found region us-east-1, allowed: the environment's region, eu-west-1`,
    ],
    [
      'no target group where rules forward',
      (_, s) => {
        delete s.sides[0].targetGroup;
      },
      `${service}.sides[0].targetGroup: found nothing, allowed: the ARN of a target group, since traffic.rules forward to it`,
    ],
    [
      'a target group that no rule forwards to',
      (_, s) => {
        delete s.traffic;
      },
      `${service}.traffic.rules: found an empty list, allowed: at least one rule that forwards to the side's targetGroup`,
    ],
    [
      'three sides',
      (_, s) => {
        s.sides.push(secondSide, secondSide);
      },
      `${service}.sides: found a list of 3, allowed: one or two sides`,
    ],
    [
      'two sides of one ECS service',
      (_, s) => {
        s.sides.push({ ...secondSide, service: 'checkout' });
      },
      `${service}.sides[1].service: found "checkout", allowed: an ECS service that is not the other side's`,
    ],
    [
      'rolling between two sides',
      (_, s) => {
        s.sides.push(secondSide);
        s.policy = { strategy: 'rolling' };
      },
      `${service}.policy.strategy: found "rolling", allowed: "auto", "instant", "blue-green" or "canary": traffic moves between two sides`,
    ],
    [
      'instant with one side',
      (_, s) => {
        s.policy = { strategy: 'instant' };
      },
      `${service}.policy.strategy: found "instant", allowed: "auto" or "rolling": with one side there is no other to move traffic to`,
    ],
    [
      'steps with one side',
      (_, s) => {
        s.policy = { steps: { canary: [5, 100] } };
      },
      `${service}.policy.steps: found an object, allowed: nothing, since with one side no traffic moves between two`,
    ],
    [
      'something to do with the bad side of one',
      (_, s) => {
        s.policy = { badSide: 'scale-in' };
      },
      `${service}.policy.badSide: found "scale-in", allowed: nothing, since with one side no traffic moves between two`,
    ],
    [
      'steps that do not rise',
      (_, s) => {
        s.sides.push(secondSide);
        s.policy = { steps: { canary: [50, 10, 100] } };
      },
      `${service}.policy.steps.canary: found a list of 3, allowed: a list of 1 to 10 rising percentages, each from 1 to 100, the last 100`,
    ],
    [
      'a strategy that is not available yet',
      (_, s) => {
        s.policy = { strategy: 'flags' };
      },
      `${service}.policy.strategy: found "flags", allowed: "auto", "rolling", "instant", "blue-green", "canary" ("flags" is not available yet)`,
    ],
    [
      'a scope that is not available yet',
      (_, s) => {
        s.policy = { scope: 'full' };
      },
      `${service}.policy.scope: found "full", allowed: "app" ("app-db" and "full" are not available yet)`,
    ],
    [
      'a backup of no database',
      (_, s) => {
        s.policy = { backup: 'preferred' };
      },
      `${service}.policy.backup: found "preferred", allowed: nothing, since the service names no database`,
    ],
    [
      'an awaited backup of no database',
      (_, s) => {
        s.policy = { awaitBackup: true };
      },
      `${service}.policy.awaitBackup: found true, allowed: nothing, since the service names no database`,
    ],
    [
      'a decision about the migrations of no database',
      (_, s) => {
        s.policy = { unknownMigrations: 'proceed' };
      },
      `${service}.policy.unknownMigrations: found "proceed", allowed: nothing, since the service names no database`,
    ],
    [
      'a time limit for a snapshot that is not taken',
      (_, s) => {
        s.database = { instance: 'shop-db' };
        s.policy = { backup: 'off', snapshotMinutes: 60 };
      },
      `${service}.policy.snapshotMinutes: found 60, allowed: nothing, since policy.backup is "off", so that no snapshot is taken`,
    ],
    [
      'two databases in one',
      (_, s) => {
        s.database = { instance: 'shop-db', cluster: 'shop-cluster' };
      },
      `${service}.database: found instance and cluster, allowed: either instance or cluster`,
    ],
    [
      'more rollbacks than fit into a day',
      (_, s) => {
        s.policy = { cooldownMinutes: 2880, rollbacksPerDay: 3 };
      },
      `${service}.policy.rollbacksPerDay: found 3, allowed: at most 1: more do not fit into a day with a cooldown of 2880 minutes`,
    ],
    [
      'a probe without scheme',
      (_, s) => {
        s.health = { probes: [{ url: 'shop.example.com/health' }] };
      },
      `${service}.health.probes[0].url: found "shop.example.com/health", allowed: a URL that begins with http:// or https:// and has a host name`,
    ],
    [
      'a runbook that is not there',
      (_, s) => {
        s.runbook = 'runbooks/chekout.json';
      },
      `${service}.runbook: found "runbooks/chekout.json", allowed: the path of a rollback runbook that exists, relative to the configuration file`,
    ],
    [
      'a source for a metric that no trigger names',
      (_, s) => {
        s.metrics = { eror_rate: { namespace: 'Shop', metricName: 'Errors' } };
      },
      `${service}.metrics.eror_rate: found a metric that no trigger of the runbook names, allowed: error_rate`,
    ],
    [
      'a load balancer of the network kind',
      (_, s) => {
        s.traffic.rules = [rule.replace('/app/', '/net/')];
      },
      `${service}.traffic.rules[0]: found "${rule.replace('/app/', '/net/')}", allowed: the ARN of an Application Load Balancer's listener rule, or of a listener for its default action: arn:aws:elasticloadbalancing:<region>:<account>:listener-rule/app/<name>/<id>/<id>/<id>`,
    ],
    [
      'a contact without address',
      (d) => {
        d.environments.production.contacts = { sre: { email: 'sre' } };
      },
      'environments.production.contacts.sre.email: found "sre", allowed: an e-mail address',
    ],
    [
      'a name in capitals',
      (d) => {
        d.environments = { Production: d.environments.production };
      },
      'environments.Production: found "Production", allowed: a name of lower-case letters, digits and hyphens, at most 24, that begins with a letter',
    ],
    [
      'a side with the name of another alarm',
      (_, s) => {
        s.sides[0].name = 'hosts';
      },
      `${service}.sides[0].name: found "hosts", allowed: any name but hosts and load-balancer`,
    ],
    [
      'no services',
      (d) => {
        d.environments.production.services = {};
      },
      'environments.production.services: found an empty object, allowed: an object with at least one service',
    ],
  ])('%s', (_, change, message) => {
    expect(problems(minimal(change))).toEqual([message]);
  });

  test.each<[string, unknown, string]>([
    ['a list', [], '(the file): found an empty list, allowed: an object with environments'],
    ['nothing', {}, 'environments: found nothing, allowed: an object with at least one environment'],
  ])('%s instead of a configuration', (_, document, message) => {
    expect(problems(document)).toEqual([message]);
  });

  test('two services that would change the same things', () => {
    const document = minimal((d, first) => {
      d.environments.production.services.cart = { ...first };
    });
    expect(problems(document)).toEqual([
      `environments.production.services.cart.sides[0].service: found "shop/checkout", allowed: an ECS service of its own: this one is ${service}'s`,
      `environments.production.services.cart.sides[0].targetGroup: found "${targetGroup}", allowed: a target group of its own: this one is environments.production.services.checkout's`,
      `environments.production.services.cart.traffic.rules[0]: found "${rule}", allowed: a rule of its own: this one is environments.production.services.checkout's`,
    ]);
  });
});

describe('environments', () => {
  test('of one account and region may not share a service; elsewhere the same names are other things', () => {
    const twice = minimal((d) => {
      d.environments.staging = structuredClone(d.environments.production);
    });
    expect(problems(twice)).toHaveLength(3);
    expect(problems(twice)[0]).toBe(
      'environments.staging.services.checkout.sides[0].service: found "shop/checkout", allowed: an ECS service of its own: ' +
        "this one is environments.production.services.checkout's",
    );
    const elsewhere = JSON.parse(JSON.stringify(twice.environments.staging).replaceAll('eu-west-1', 'us-east-1'));
    twice.environments.staging = elsewhere;
    expect(problems(twice)).toEqual([]);
  });
});

describe('several problems', () => {
  test('are all reported at once, shape and rules together', () => {
    const document = minimal((d, s) => {
      d.environments.production.region = 'Dublin';
      s.policy = { strategy: 'instant', scope: 'app' };
      d.environments.production.services.cart = { ...s, sides: [], runbook: 'nowhere.json', policy: {} };
    });
    expect(problems(document)).toEqual([
      'environments.production.region: found "Dublin", allowed: an AWS region such as eu-west-1',
      'environments.production.services.cart.sides: found an empty list, allowed: one or two sides',
      'environments.production.services.cart.runbook: found "nowhere.json", allowed: the path of a rollback runbook that exists, relative to the configuration file',
      `${service}.policy.strategy: found "instant", allowed: "auto" or "rolling": with one side there is no other to move traffic to`,
    ]);
  });

  test('the message begins with the file and their number', () => {
    const broken = minimal((_, s) => {
      s.policy = { bakeMinutes: 'long', cooldownMinutes: 1.5 };
    });
    expect(() => parse(broken)).toThrow(
      'backstep.json cannot be used: 2 problems.\n' +
        `  ${service}.policy.bakeMinutes: found "long", allowed: a whole number of minutes from 0 to 1440\n` +
        `  ${service}.policy.cooldownMinutes: found 1.5, allowed: a whole number of minutes from 0 to 10080`,
    );
  });

  test('no document is too strange for a ConfigurationError', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('environments', 'production', 'services', 'checkout'),
        (value, place) => {
          const document = minimal((d, s) => {
            if (place === 'environments') d.environments = value;
            if (place === 'production') d.environments.production = value;
            if (place === 'services') d.environments.production.services = value;
            if (place === 'checkout') Object.assign(s, { sides: value, policy: value, traffic: value, runbook: value });
          });
          expect(problems(document).length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('files', () => {
  test('syntax errors have line and column', () => {
    const directory = directoryWith({ 'backstep.json': '{\n  "environments": {\n    "production" {}\n  }\n}\n' });
    expect(() => loadConfiguration(join(directory, 'backstep.json'))).toThrow(
      'backstep.json cannot be used: 1 problem.\n' +
        '  backstep.json, line 3, column 18: found "{", allowed: a colon after the key',
    );
  });

  test('a missing file is named', () => {
    expect(() => loadConfiguration('/nowhere/backstep.json')).toThrow(
      'backstep.json cannot be used: 1 problem.\n' +
        '  /nowhere/backstep.json: found no readable file, allowed: a configuration file',
    );
  });

  test('a byte order mark does no harm', () => {
    const directory = directoryWith({
      'backstep.json': `\ufeff${JSON.stringify(minimal())}`,
      'runbook.json': smallRunbook,
    });
    expect(loadConfiguration(join(directory, 'backstep.json')).environments).toHaveProperty('production');
  });
});
