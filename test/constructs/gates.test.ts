/** What others have to say about what we synthesize: cdk-nag on the stack, asl-validator on the definition. */
import validate from 'asl-validator';
import { App, CfnResource, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentConfiguration } from '../../lib/config/load.ts';
import { BackstepStack } from '../../lib/constructs/stack.ts';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import { exampleEnvironment, readJson } from './fixture.ts';

const examples = ['examples/01-checkout/backstep.json', 'examples/02-two-sides/backstep.json'];

/** Behind a listener's default action, and behind nothing at all: permissions that the examples lack, and lack of them. */
function unusual(): EnvironmentConfiguration {
  const production = exampleEnvironment();
  const checkout = production.services.checkout as ServiceConfiguration;
  const listener =
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
  const worker: ServiceConfiguration = {
    ...checkout,
    service: 'worker',
    sides: [{ name: 'main', cluster: 'shop', service: 'worker' }],
    traffic: { rules: [] },
    triggers: [],
  };
  return { ...production, services: { checkout: { ...checkout, traffic: { rules: [listener] } }, worker } };
}

describe.each([
  ...examples.map((path): [string, () => EnvironmentConfiguration] => [path, () => exampleEnvironment(path)]),
  ['a listener and a worker', unusual] as [string, () => EnvironmentConfiguration],
])('AWS Solutions: %s', (_name, configuration) => {
  let app: App;
  let stack: BackstepStack;
  beforeAll(() => {
    app = new App({ context: readJson<{ context: Record<string, unknown> }>('cdk.json').context });
    stack = new BackstepStack(app, { configuration: configuration() });
  });

  test('has no finding that is not acknowledged', () => {
    const { success, violations } = new AwsSolutionsChecks(app).validateScope(stack);
    expect(
      violations.map(({ ruleName, violatingResources }) => `${ruleName} ${violatingResources[0]?.constructPath}`),
    ).toEqual([]);
    expect(success).toBe(true);
  });

  test('each acknowledgement is for one resource, and says why', () => {
    const acknowledgements = stack.node.findAll().flatMap((node) =>
      node.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([id, reason]) => ({ id, reason, on: node })),
    );
    expect(acknowledgements.length).toBeGreaterThan(10);
    expect(acknowledgements.filter(({ on }) => !CfnResource.isCfnResource(on)).map(({ on }) => on.node.path)).toEqual(
      [],
    );
    expect(acknowledgements.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});

describe('the definition', () => {
  const definition = readJson<Record<string, unknown>>('statemachines/rollback.asl.json');

  test.each(['rollback', 'reap'])('of %s is valid Amazon States Language as it lies', (machine) => {
    const result = validate(readJson<Record<string, unknown>>(`statemachines/${machine}.asl.json`));
    expect(result.isValid, result.errorsText()).toBe(true);
  });

  test('and the check would notice a state that nobody can reach', () => {
    const broken = structuredClone(definition) as Record<string, unknown>;
    broken.StartAt = 'Nowhere';
    expect(validate(broken).isValid).toBe(false);
  });
});
