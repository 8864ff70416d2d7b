import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { ResourcePolicy } from '../../iam/resource-policy.ts';
import type { Random } from '../../random.ts';
import { AwsError } from '../../service.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

/** How every ciphertext begins, before the id of its key. */
const header = Buffer.from('01020200', 'hex');
const idBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A symmetric key. It really encrypts (AES-256-GCM, the encryption context authenticated), with material and nonces
 * from the account's seed: the same run gives the same ciphertext.
 */
export class Key {
  readonly arn: string;
  readonly id: string;
  readonly description: string;
  readonly createdMs: number;
  readonly policy: ResourcePolicy;
  enabled: boolean;
  readonly #material: Buffer;
  readonly #random: Random;

  constructor(fields: Pick<Key, 'arn' | 'description' | 'createdMs' | 'policy' | 'enabled'>, random: Random) {
    this.arn = fields.arn;
    this.id = fields.arn.split('/').at(-1) ?? '';
    this.description = fields.description;
    this.createdMs = fields.createdMs;
    this.policy = fields.policy;
    this.enabled = fields.enabled;
    this.#random = random.fork(fields.arn);
    this.#material = this.randomBytes(32);
  }

  encrypt(plaintext: Uint8Array, context: EncryptionContext): Uint8Array {
    const nonce = this.randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#material, nonce).setAAD(canonical(context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([header, digestOf(this.id), nonce, sealed, cipher.getAuthTag()]);
  }

  /** @throws AwsError InvalidCiphertextException, also where the encryption context is another */
  decrypt(blob: Uint8Array, context: EncryptionContext): Uint8Array {
    const body = Buffer.from(blob).subarray(header.length + idBytes);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#material, body.subarray(0, nonceBytes));
      decipher.setAAD(canonical(context)).setAuthTag(body.subarray(-tagBytes));
      return Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch {
      throw invalidCiphertext();
    }
  }

  /** Whether `blob` says that this key encrypted it. */
  made(blob: Uint8Array): boolean {
    const bytes = Buffer.from(blob);
    const start = Buffer.concat([header, digestOf(this.id)]);
    return bytes.length >= start.length + nonceBytes + tagBytes && bytes.subarray(0, start.length).equals(start);
  }

  randomBytes(count: number): Buffer {
    return Buffer.from(this.#random.hex(count * 2), 'hex');
  }
}

/** AWS sends no message with it. */
export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

const digestOf = (id: string): Buffer => createHash('sha256').update(id).digest().subarray(0, idBytes);

/** The order of the pairs does not count. */
const canonical = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
