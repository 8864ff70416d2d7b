/** The rules that hear adopted alarms, as they are synthesized. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { exampleConfig, list, type Resource, type Resources, readJson } from './fixture.ts';

const names = Array.from({ length: 30 }, (_, index) => `somebody else's "alarm" number ${index}, with a long name`);

interface Pattern {
  readonly resources: unknown;
  readonly detail: unknown;
}

async function rules(adoptedAlarms: Record<string, object>): Promise<Resource[]> {
  const config = JSON.parse(readFileSync(exampleConfig, 'utf8'));
  config.environments.production.services.checkout.adoptedAlarms = adoptedAlarms;
  const { assemblyDir, stacks } = await synthesize(config, { baseDir: dirname(exampleConfig) });
  const { Resources } = readJson<{ Resources: Resources }>(join(assemblyDir, `${stacks[0]?.name}.template.json`));
  return Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::Events::Rule' && id.includes('AdoptedAlarmRule'))
    .map(([, resource]) => resource);
}

test('every adopted alarm is matched by its exact ARN, in patterns that EventBridge takes, and names its service', async () => {
  const found = await rules(Object.fromEntries(names.map((name) => [name, { autoExecute: true }])));
  const patterns = found.map(({ Properties }) => Properties.EventPattern as Pattern);
  expect(patterns.length).toBeGreaterThan(1);
  expect(patterns.flatMap(({ resources }) => list(resources))).toEqual(
    names.map((name) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`),
  );
  for (const { Properties } of found) {
    const pattern = Properties.EventPattern as Pattern;
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2_048);
    // Composite alarms whose actions are suppressed are not heard.
    expect(pattern.detail).toEqual({ state: { value: ['ALARM'], actionsSuppressedBy: [{ exists: false }] } });
    const [target] = Properties.Targets as { InputTransformer: { InputTemplate: string } }[];
    expect(target?.InputTransformer.InputTemplate).toMatch(/^\{"service":"checkout","trigger":\{"alarmName":<[\w-]+>,/);
  }
});

test('without adopted alarms there is no rule for them', async () => {
  expect(await rules({})).toEqual([]);
});
