/** AWS KMS: symmetric keys that really encrypt, their aliases, and who may use them. */
import * as kms from '@aws-sdk/client-kms';
import type { SimulatedAccount } from '../account.ts';
import { type Asker, ResourcePolicy } from '../iam/resource-policy.ts';
import type { PolicyDocument } from '../iam.ts';
import { AwsError, type Principal, type SimulatedService } from '../service.ts';
import { authorizeKey } from './kms/access.ts';
import { type EncryptionContext, invalidCiphertext, Key } from './kms/key.ts';
import { operationsOf } from './kms/operations.ts';

export interface KeySpec {
  readonly arn: string;
  readonly policy: PolicyDocument;
  readonly description?: string;
  /** True by default. */
  readonly enabled?: boolean;
}

export class Kms implements SimulatedService {
  readonly endpointPrefix = 'kms';
  readonly iamPrefix = 'kms';
  readonly protocol = 'json';
  readonly schemas = kms;
  readonly operations = operationsOf(this);
  readonly #account: SimulatedAccount;
  readonly #keys = new Map<string, Key>();
  /** Key ARNs by `alias/<name>`. */
  readonly #aliases = new Map<string, string>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  createKey({ arn, policy, description = '', enabled = true }: KeySpec): void {
    const { clock, random } = this.#account;
    const fields = { arn, description, enabled, createdMs: clock.now(), policy: new ResourcePolicy(policy) };
    this.#keys.set(arn, new Key(fields, random));
  }

  /** @param name `alias/…` @param key an id or ARN */
  createAlias(name: string, key: string): void {
    this.#aliases.set(name, this.find(key).arn);
  }

  /** @param keyId an id, an ARN, `alias/…` or an alias's ARN. @throws AwsError NotFoundException */
  find(keyId: string): Key {
    const found = this.tryFind(keyId);
    if (found) return found;
    const alias = keyId.includes('alias/');
    const arn = keyId.startsWith('arn:') ? keyId : this.#account.arn('kms', alias ? keyId : `key/${keyId}`);
    throw new AwsError('NotFoundException', alias ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`);
  }

  tryFind(keyId = ''): Key | undefined {
    const { region, id } = this.#account;
    const own = `arn:aws:kms:${region}:${id}:`;
    const name = keyId.startsWith(own) ? keyId.slice(own.length) : keyId;
    if (name.startsWith('alias/')) return this.#keys.get(this.#aliases.get(name) ?? '');
    return this.#keys.get(name.startsWith('key/') ? `${own}${name}` : `${own}key/${name}`);
  }

  /** The key that encrypted `blob`. @throws AwsError InvalidCiphertextException */
  maker(blob: Uint8Array): Key {
    const key = this.tryFindMaker(blob);
    if (key) return key;
    throw invalidCiphertext();
  }

  tryFindMaker(blob: Uint8Array = new Uint8Array()): Key | undefined {
    return [...this.#keys.values()].find((key) => key.made(blob));
  }

  /** @throws AwsError AccessDenied */
  authorize(principal: Principal, action: string, key: Key, context: EncryptionContext | undefined): void {
    authorizeKey(this.#account, principal, action, key, context);
  }

  /**
   * Whether `asker` may use a key of ours by its policy alone. AWS's own keys (`alias/aws/sns`) are for the account's
   * roles through their service, and for no other service.
   */
  allows(keyId: string, asker: Asker, action: string, context: Readonly<Record<string, string>>): boolean {
    if (/(?:^|:)alias\/aws\//.test(keyId)) return 'role' in asker;
    const key = this.tryFind(keyId);
    if (!key) throw new Error(`There is no key ${keyId}.`);
    return key.policy.allows(asker, { action, resource: key.arn, context });
  }
}
