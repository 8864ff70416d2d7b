import type { Created, Creation } from '../creation.ts';

export function table(creation: Creation): Created {
  creation.expect(
    ['TableName', 'KeySchema', 'AttributeDefinitions', 'TimeToLiveSpecification'],
    [
      'BillingMode',
      'ProvisionedThroughput',
      'PointInTimeRecoverySpecification',
      'DeletionProtectionEnabled',
      'SSESpecification',
      'OnDemandThroughput',
    ],
  );
  const types = new Map(
    (creation.list('AttributeDefinitions') as { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[]).map(
      ({ AttributeName: name, AttributeType: type }) => [name, type],
    ),
  );
  const keys = creation.list('KeySchema') as { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  const key = (kind: 'HASH' | 'RANGE') => {
    const name = keys.find(({ KeyType }) => KeyType === kind)?.AttributeName;
    return name === undefined ? undefined : { name, type: types.get(name) ?? 'S' };
  };
  const partitionKey = key('HASH');
  if (!partitionKey) throw creation.failed('KeySchema has no HASH key.');
  const sortKey = key('RANGE');
  const { AttributeName: ttlAttribute, Enabled: ttl } = creation.object('TimeToLiveSpecification');
  const name = creation.name(creation.properties.TableName, 255);
  const arn = creation.account.dynamodb.createTable({
    name,
    partitionKey,
    ...(sortKey ? { sortKey } : {}),
    ...(ttl ? { ttlAttribute: String(ttlAttribute) } : {}),
  });
  return { physicalId: name, arn, attributes: { Arn: arn } };
}
