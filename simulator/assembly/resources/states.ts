import type { Json } from '../../../lib/domain/model.ts';
import type { Created, Creation } from '../creation.ts';

export function stateMachine(creation: Creation): Created {
  creation.expect(
    [
      'StateMachineName',
      'StateMachineType',
      'RoleArn',
      'Definition',
      'DefinitionString',
      'DefinitionS3Location',
      'DefinitionSubstitutions',
    ],
    ['LoggingConfiguration', 'TracingConfiguration', 'EncryptionConfiguration'],
  );
  const { account } = creation;
  const type = creation.optionalText('StateMachineType') ?? 'STANDARD';
  if (type !== 'STANDARD') throw creation.failed(`the state machine type ${type} is not implemented.`);
  const name = creation.name(creation.properties.StateMachineName, 80);
  const arn = account.arn('states', `stateMachine:${name}`);
  account.states.createStateMachine({
    arn,
    name,
    roleArn: creation.text('RoleArn'),
    definition: substituted(definition(creation), creation.object('DefinitionSubstitutions')),
  });
  return { physicalId: arn, arn, attributes: { Arn: arn, Name: name } };
}

function definition(creation: Creation): string {
  const { Definition: object, DefinitionString: string } = creation.properties;
  if (typeof string === 'string') return string;
  if (object !== undefined) return JSON.stringify(object);
  const { Bucket: bucket, Key: key } = creation.object('DefinitionS3Location');
  const found = creation.account.s3.get(String(bucket), String(key));
  if (!found) throw creation.failed(`its definition s3://${bucket}/${key} does not exist.`);
  return Buffer.from(found.body).toString('utf8');
}

/** `${Name}` in the definition. CloudFormation refuses names that stay without a value. */
function substituted(text: string, substitutions: { readonly [name: string]: Json }): string {
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const value = substitutions[name];
    if (value === undefined)
      throw new Error(`The definition uses \${${name}}, but DefinitionSubstitutions has no ${name}.`);
    return String(value);
  });
}
