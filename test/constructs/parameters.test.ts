import { expect, test } from 'vitest';
import { renderParameter } from '../../lib/constructs/parameters.ts';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import { exampleEnvironment } from './fixture.ts';

const stored = { service: 'checkout', key: 'configuration/checkout/abc.json', sha256: 'abc' };
const checkout = exampleEnvironment().services.checkout as ServiceConfiguration;

test('it says in short what protects the service, and where the whole of it lies', () => {
  const { summary, key, sha256 } = JSON.parse(renderParameter(checkout, stored, 1));
  expect({ key, sha256 }).toEqual({ key: stored.key, sha256: stored.sha256 });
  expect(summary).toMatchObject({ production: true, sides: ['main: shop/checkout'], policy: checkout.policy });
  const named = [...summary.rollsBackByItself, ...summary.asksAPerson, ...summary.notCompiled];
  expect(named.sort()).toEqual(checkout.triggers.map(({ triggerId }) => triggerId).sort());
});

test('what SSM would not take is refused at synth, with the sizes', () => {
  const triggers = Array.from({ length: 200 }, (_, i) => ({
    ...checkout.triggers[0],
    triggerId: `a_trigger_with_a_name_${i}`,
  }));
  const large = { ...checkout, triggers } as ServiceConfiguration;
  expect(() => renderParameter(large, stored, 1)).toThrow(
    /summary of checkout takes \d+ bytes, and an SSM parameter holds 4096/,
  );
});
