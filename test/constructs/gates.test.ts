/** What others have to say about what we synthesize: cdk-nag on the stack, asl-validator on the definition. */
import validate from 'asl-validator';
import { App, CfnResource, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, test } from 'vitest';
import { BackstepStack } from '../../lib/constructs/stack.ts';
import { exampleEnvironment, readJson } from './fixture.ts';

describe('AWS Solutions', () => {
  let app: App;
  let stack: BackstepStack;
  beforeAll(() => {
    app = new App({ context: readJson<{ context: Record<string, unknown> }>('cdk.json').context });
    stack = new BackstepStack(app, { configuration: exampleEnvironment() });
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

  test('is valid Amazon States Language as it lies', () => {
    const result = validate(definition);
    expect(result.isValid, result.errorsText()).toBe(true);
  });

  test('and the check would notice a state that nobody can reach', () => {
    const broken = structuredClone(definition) as Record<string, unknown>;
    broken.StartAt = 'Nowhere';
    expect(validate(broken).isValid).toBe(false);
  });
});
