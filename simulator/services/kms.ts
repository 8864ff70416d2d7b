/** Keys as far as others need them: who may use one. Nothing is encrypted, because nothing leaves the process. */
import { type Asker, ResourcePolicy } from '../iam/resource-policy.ts';
import type { PolicyDocument } from '../iam.ts';

export class Kms {
  readonly #policies = new Map<string, ResourcePolicy>();

  createKey(key: { readonly arn: string; readonly policy: PolicyDocument }): void {
    this.#policies.set(key.arn, new ResourcePolicy(key.policy));
  }

  /**
   * Whether `asker` may use a key of ours by its policy alone. AWS's own keys (`alias/aws/sns`) are for the account's
   * roles through their service, and for no other service.
   */
  allows(key: string, asker: Asker, action: string, context: Readonly<Record<string, string>>): boolean {
    if (/(?:^|:)alias\/aws\//.test(key)) return 'role' in asker;
    const policy = this.#policies.get(key);
    if (!policy) throw new Error(`There is no key ${key}.`);
    return policy.allows(asker, { action, resource: key, context });
  }
}
