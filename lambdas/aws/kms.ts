/**
 * AWS KMS: task tokens are stored under a key of their own, bound to the rollback that they belong to.
 *
 * Calls: kms:Encrypt, kms:Decrypt
 */
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { RollbackContext } from '../../lib/domain/model.ts';
import { clientOptions } from './client.ts';
import { setting } from './environment.ts';

const kms = new KMSClient(clientOptions);

/** Whose secret it is: KMS decrypts nothing for another rollback. CloudTrail shows this in the clear. */
type Owner = Pick<RollbackContext, 'service' | 'rollbackId'>;

/** Base64 of the ciphertext. */
export async function encrypt(secret: string, owner: Owner): Promise<string> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: setting('APPROVAL_KEY'),
      Plaintext: Buffer.from(secret, 'utf8'),
      EncryptionContext: contextOf(owner),
    }),
  );
  if (!CiphertextBlob) throw new Error('KMS answered without a ciphertext.');
  return Buffer.from(CiphertextBlob).toString('base64');
}

export async function decrypt(ciphertext: string, owner: Owner): Promise<string> {
  const { Plaintext } = await kms.send(
    new DecryptCommand({
      KeyId: setting('APPROVAL_KEY'),
      CiphertextBlob: Buffer.from(ciphertext, 'base64'),
      EncryptionContext: contextOf(owner),
    }),
  );
  if (!Plaintext) throw new Error('KMS answered without a plaintext.');
  return Buffer.from(Plaintext).toString('utf8');
}

const contextOf = ({ service, rollbackId }: Owner): Record<string, string> => ({ service, rollbackId });
