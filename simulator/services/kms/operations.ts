import type {
  DecryptCommandInput,
  DecryptResponse,
  DescribeKeyCommandInput,
  DescribeKeyResponse,
  DisableKeyCommandInput,
  EnableKeyCommandInput,
  EncryptCommandInput,
  EncryptResponse,
  GenerateDataKeyCommandInput,
  GenerateDataKeyResponse,
} from '@aws-sdk/client-kms';
import { AwsError, type CallContext, type Operation } from '../../service.ts';
import type { Kms } from '../kms.ts';
import type { Key } from './key.ts';
import { metadataOf } from './metadata.ts';

/** Bytes that one call encrypts. */
const plaintextLimit = 4096;
const symmetric = 'SYMMETRIC_DEFAULT' as const;

interface KeyInput {
  readonly KeyId?: string | undefined;
}

/** The API operations. Who may call them is not IAM's to say alone, so each asks the key. */
export function operationsOf(kms: Kms) {
  const ofKey = { actions: [], resources: ({ KeyId }: KeyInput) => [kms.tryFind(KeyId)?.arn ?? '*'] };

  /** @param use the key must be enabled */
  const key = (operation: string, input: KeyInput & Options, { principal }: CallContext, use = true): Key => {
    const found = kms.find(input.KeyId ?? '');
    kms.authorize(principal, `kms:${operation}`, found, input.EncryptionContext);
    if (use) refuseDisabled(found);
    refuseDryRun(input);
    return found;
  };

  const Encrypt: Operation<EncryptCommandInput, EncryptResponse> = {
    ...ofKey,
    run: (input, call) => {
      const { Plaintext: plaintext = new Uint8Array(), EncryptionContext: context = {} } = input;
      checkPlaintext(plaintext);
      const found = key('Encrypt', input, call);
      return {
        CiphertextBlob: found.encrypt(plaintext, context),
        KeyId: found.arn,
        EncryptionAlgorithm: symmetric,
      };
    },
  };

  const Decrypt: Operation<DecryptCommandInput, DecryptResponse> = {
    actions: [],
    resources: ({ CiphertextBlob }) => [kms.tryFindMaker(CiphertextBlob)?.arn ?? '*'],
    run: (input, call) => {
      const { CiphertextBlob: blob = new Uint8Array(), EncryptionContext: context = {}, KeyId } = input;
      const maker = kms.maker(blob);
      const found = key('Decrypt', { ...input, KeyId: maker.arn }, call);
      if (KeyId !== undefined && kms.find(KeyId) !== maker) {
        const words = 'The key ID in the request does not identify a CMK that can perform this operation.';
        throw new AwsError('IncorrectKeyException', words);
      }
      return { KeyId: found.arn, Plaintext: found.decrypt(blob, context), EncryptionAlgorithm: symmetric };
    },
  };

  const GenerateDataKey: Operation<GenerateDataKeyCommandInput, GenerateDataKeyResponse> = {
    ...ofKey,
    run: (input, call) => {
      const bytes = dataKeyBytes(input);
      const found = key('GenerateDataKey', input, call);
      const plaintext = found.randomBytes(bytes);
      return {
        KeyId: found.arn,
        Plaintext: plaintext,
        CiphertextBlob: found.encrypt(plaintext, input.EncryptionContext ?? {}),
      };
    },
  };

  const DescribeKey: Operation<DescribeKeyCommandInput, DescribeKeyResponse> = {
    ...ofKey,
    run: (input, call) => ({ KeyMetadata: metadataOf(key('DescribeKey', input, call, false)) }),
  };

  const DisableKey: Operation<DisableKeyCommandInput, void> = {
    ...ofKey,
    run: (input, call) => {
      key('DisableKey', input, call, false).enabled = false;
    },
  };

  const EnableKey: Operation<EnableKeyCommandInput, void> = {
    ...ofKey,
    run: (input, call) => {
      key('EnableKey', input, call, false).enabled = true;
    },
  };

  return { Encrypt, Decrypt, GenerateDataKey, DescribeKey, DisableKey, EnableKey };
}

interface Options {
  readonly EncryptionContext?: Record<string, string> | undefined;
  readonly DryRun?: boolean | undefined;
}

function refuseDisabled({ arn, enabled }: Key): void {
  if (!enabled) throw new AwsError('DisabledException', `${arn} is disabled.`);
}

function refuseDryRun({ DryRun: dryRun }: Options): void {
  if (!dryRun) return;
  throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}

function checkPlaintext(plaintext: Uint8Array): void {
  const { byteLength } = plaintext;
  if (byteLength >= 1 && byteLength <= plaintextLimit) return;
  const bound = byteLength === 0 ? 'greater than or equal to 1' : `less than or equal to ${plaintextLimit}`;
  const words = `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length ${bound}`;
  throw new AwsError('ValidationException', words);
}

function dataKeyBytes({ KeySpec: spec, NumberOfBytes: bytes }: GenerateDataKeyCommandInput): number {
  if ((spec === undefined) === (bytes === undefined))
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  return bytes ?? (spec === 'AES_128' ? 16 : 32);
}
