import type { Created, Creation } from '../creation.ts';

export function parameter(creation: Creation): Created {
  creation.expect(['Name', 'Type', 'Value', 'Tier', 'Description'], ['AllowedPattern', 'DataType']);
  const name = creation.name(creation.properties.Name, 1011);
  const type = creation.text('Type') as 'String' | 'StringList';
  const value = creation.text('Value');
  const tier = creation.optionalText('Tier');
  const description = creation.optionalText('Description');
  creation.account.ssm.putParameter({
    name,
    type,
    value,
    ...(tier === undefined ? {} : { tier: tier as 'Standard' | 'Advanced' }),
    ...(description === undefined ? {} : { description }),
  });
  return { physicalId: name, attributes: { Type: type, Value: value } };
}
