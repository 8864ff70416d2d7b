import type { PolicyDocument } from '../../iam.ts';
import type { Created, Creation } from '../creation.ts';

export function key(creation: Creation): Created {
  creation.expect(
    ['KeyPolicy', 'Description', 'Enabled', 'KeySpec', 'KeyUsage'],
    ['EnableKeyRotation', 'RotationPeriodInDays', 'PendingWindowInDays'],
  );
  const spec = creation.optionalText('KeySpec') ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT') throw creation.failed(`the KeySpec ${spec} is not implemented.`);
  const usage = creation.optionalText('KeyUsage') ?? 'ENCRYPT_DECRYPT';
  if (usage !== 'ENCRYPT_DECRYPT') throw creation.failed(`the KeyUsage ${usage} is not implemented.`);
  const keyId = creation.account.random.fork(creation.logicalId).uuid();
  const arn = creation.account.arn('kms', `key/${keyId}`);
  creation.account.kms.createKey({
    arn,
    policy: creation.object('KeyPolicy') as unknown as PolicyDocument,
    description: creation.optionalText('Description') ?? '',
    enabled: String(creation.properties.Enabled ?? true) === 'true',
  });
  return { physicalId: keyId, arn, attributes: { Arn: arn, KeyId: keyId } };
}

export function keyAlias(creation: Creation): Created {
  creation.expect(['AliasName', 'TargetKeyId']);
  const name = creation.text('AliasName');
  creation.account.kms.createAlias(name, creation.text('TargetKeyId'));
  return { physicalId: name, attributes: {} };
}
