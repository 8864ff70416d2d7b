import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as sns from '@aws-sdk/client-sns';
import { QueryShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import { parseForm, readForm } from '../../../simulator/wire/form.ts';

/** What the SDK's own serializer writes must be read back as it was. */
function roundTrip(operation: readonly unknown[], input: object): unknown {
  const schema = NormalizedSchema.of(operation[4] as never);
  const serializer = new QueryShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    xmlNamespace: '',
    serviceNamespace: '',
    serializeEmptyLists: true,
  } as ConstructorParameters<typeof QueryShapeSerializer>[0]);
  serializer.write(schema, input);
  return readForm(schema, parseForm(String(serializer.flush())));
}

test('a listener rule with weights, booleans and numbers', () => {
  const input = {
    RuleArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3',
    Actions: [
      {
        Type: 'authenticate-oidc',
        Order: 1,
        AuthenticateOidcConfig: { Issuer: 'https://id.example.com?a=b&c', UseExistingClientSecret: true },
      },
      {
        Type: 'forward',
        Order: 2,
        ForwardConfig: {
          TargetGroups: Array.from({ length: 12 }, (_, n) => ({ TargetGroupArn: `arn:tg${n}`, Weight: n })),
          TargetGroupStickinessConfig: { Enabled: false, DurationSeconds: 3600 },
        },
      },
    ],
  };
  expect(roundTrip(elb.ModifyRule$, input)).toEqual(input);
});

test('empty lists stay lists', () => {
  expect(roundTrip(elb.ModifyRule$, { RuleArn: 'a', Conditions: [] })).toEqual({ RuleArn: 'a', Conditions: [] });
});

test('maps with structures', () => {
  const input = {
    TopicArn: 'arn:t',
    Message: 'ü & + %',
    MessageAttributes: { audience: { DataType: 'String', StringValue: 'technical' } },
  };
  expect(roundTrip(sns.Publish$, input)).toEqual(input);
});
