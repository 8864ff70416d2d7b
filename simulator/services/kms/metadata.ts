import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Key } from './key.ts';

/** A key as DescribeKey shows it. */
export function metadataOf({ arn, id, description, createdMs, enabled }: Key): KeyMetadata {
  return {
    AWSAccountId: arn.split(':')[4],
    KeyId: id,
    Arn: arn,
    CreationDate: new Date(createdMs),
    Enabled: enabled,
    Description: description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: enabled ? 'Enabled' : 'Disabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}
