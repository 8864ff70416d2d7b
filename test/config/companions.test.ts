import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../lib/config/canonical.ts';
import { arn, type Loose, minimal, parse, problems } from './fixture.ts';

const path = 'environments.production.services.checkout.companions';
const withCompanions = (companions: Loose, change: (service: Loose) => void = () => undefined) =>
  minimal((_document, service) => {
    service.companions = companions;
    change(service);
  });
const worker = { cluster: 'shop', service: 'worker' };
const api = { cluster: 'shop', service: 'api' };

describe('companions', () => {
  test('are compiled in order of their names, whatever the order of the keys', () => {
    const one = parse(withCompanions({ worker: { ...worker, dependsOn: ['api', 'main'] }, api }));
    expect(one.environments.production?.services.checkout?.companions).toEqual([
      { name: 'api', ...api, dependsOn: [] },
      { name: 'worker', ...worker, dependsOn: ['api', 'main'] },
    ]);
    const other = parse(withCompanions({ api, worker: { ...worker, dependsOn: ['api', 'main'] } }));
    expect(canonicalJson(other.environments.production?.services)).toBe(
      canonicalJson(one.environments.production?.services),
    );
  });

  test('a service without any is compiled as if there were no such key', () => {
    expect(parse(withCompanions({})).environments.production?.services.checkout).not.toHaveProperty('companions');
  });

  const green = {
    name: 'green',
    cluster: 'shop',
    service: 'checkout-green',
    targetGroup: arn('targetgroup/checkout-green/09966783158cda59'),
  };

  test.each<[string, Loose, string | RegExp, ((service: Loose) => void)?]>([
    [
      'an unknown name',
      { worker: { ...worker, dependsOn: ['apo'] }, api },
      `${path}.worker.dependsOn[0]: found "apo", allowed: main, api`,
    ],
    [
      'itself',
      { worker: { ...worker, dependsOn: ['worker'] } },
      `${path}.worker.dependsOn[0]: found "worker", allowed: main`,
    ],
    [
      'a name twice',
      { worker: { ...worker, dependsOn: ['api', 'api'] }, api },
      `${path}.worker.dependsOn[1]: found "api", allowed: each name once`,
    ],
    [
      'a cycle',
      { worker: { ...worker, dependsOn: ['api'] }, api: { ...api, dependsOn: ['worker'] } },
      `${path}.worker.dependsOn: found worker -> api -> worker, allowed: dependencies that do not lead back`,
    ],
    [
      'the ECS service of a side',
      { worker: { cluster: 'shop', service: 'checkout' } },
      `${path}.worker.service: found "checkout", allowed: an ECS service of its own: this one is that of side main`,
    ],
    [
      'the ECS service of another companion',
      { api, twin: api },
      `${path}.twin.service: found "api", allowed: an ECS service of its own: this one is that of companion api`,
    ],
    ['the name of a side', { main: worker }, `${path}.main: found "main", allowed: a name that no side has`],
    [
      'an unknown key',
      { worker: { ...worker, targetGroup: 'x' } },
      /companions\.worker\.targetGroup: found the unknown key/,
    ],
    ['an ARN instead of a name', { worker: { ...worker, cluster: 'arn:aws:ecs:x' } }, /worker\.cluster: .*not its ARN/],
    [
      'a side where there are two',
      { worker: { ...worker, dependsOn: ['green'] } },
      /dependsOn\[0\]: found "green", allowed: nothing, .*\(no side, since with two of them traffic moves first\)/,
      (service) => service.sides.push(green),
    ],
  ])('refused: %s', (_name, companions, words, change) => {
    const found = problems(withCompanions(companions, change));
    expect(found).toEqual([typeof words === 'string' ? words : expect.stringMatching(words)]);
  });

  test('refused: an ECS service that another protected service has', () => {
    const found = problems(
      minimal((document, service) => {
        service.companions = { worker };
        document.environments.production.services.cart = {
          sides: [{ name: 'main', ...worker }],
          runbook: 'runbook.json',
        };
      }),
    );
    expect(found).toEqual([
      'environments.production.services.cart.sides[0].service: found "shop/worker", allowed: an ECS service of its own: ' +
        "this one is environments.production.services.checkout's",
    ]);
  });
});
