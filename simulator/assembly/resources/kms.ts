import type { PolicyDocument } from '../../iam.ts';
import type { Created, Creation } from '../creation.ts';

export function key(creation: Creation): Created {
  creation.expect(
    ['KeyPolicy'],
    [
      'Description',
      'EnableKeyRotation',
      'RotationPeriodInDays',
      'PendingWindowInDays',
      'Enabled',
      'KeySpec',
      'KeyUsage',
    ],
  );
  const keyId = creation.account.random.fork(creation.logicalId).uuid();
  const arn = creation.account.arn('kms', `key/${keyId}`);
  creation.account.kms.createKey({ arn, policy: creation.object('KeyPolicy') as unknown as PolicyDocument });
  return { physicalId: keyId, arn, attributes: { Arn: arn, KeyId: keyId } };
}
