import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioJsonSchema } from '../../../simulator/scenario/schema.ts';

const root = join(import.meta.dirname, '../../..');

/** To write it anew: `npx vitest run test/simulator/scenario/json-schema.test.ts -u` */
test('schema/scenario.schema.json is what the parser accepts', async () => {
  const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(root, 'schema/scenario.schema.json'));
});

test('it describes every type of event', () => {
  const schema = JSON.parse(JSON.stringify(scenarioJsonSchema()));
  const events = schema.properties.events.items;
  const types = (events.oneOf ?? events.anyOf).map(
    (event: { properties: { type: { const: string } } }) => event.properties.type.const,
  );
  expect(types).toEqual([
    'deploy',
    'alarm',
    'start',
    'stop',
    'redrive',
    'fault',
    'removePermission',
    'weights',
    'metric',
    'register',
    'behaviour',
    'database',
    'parameter',
    'approve',
    'decline',
    'codeDeploy',
    'stopDeployment',
    'continueDeployment',
    'scale',
    'deregister',
    'image',
  ]);
});
