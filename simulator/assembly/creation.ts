import { createHash } from 'node:crypto';
import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../account.ts';
import type { PolicyDocument } from '../iam.ts';
import type { Assets } from './assets.ts';
import { DeploymentFailed, type Properties } from './template.ts';

export interface StackIdentity {
  readonly stackName: string;
  /** ARN. */
  readonly stackId: string;
}

/** What a resource became. */
export interface Created {
  /** What `Ref` gives. */
  readonly physicalId: string;
  readonly arn?: string;
  /** What `Fn::GetAtt` gives, by name. */
  readonly attributes: Readonly<Record<string, Json>>;
}

/** What resources of one deployment leave for later ones. */
export class Shared {
  /** Role ARNs by name: policies name roles without their path. */
  readonly roleArns = new Map<string, string>();
  /** Managed policies by ARN. */
  readonly policies = new Map<string, PolicyDocument>();
}

/** One resource about to be created. */
export class Creation {
  readonly account: SimulatedAccount;
  readonly stack: StackIdentity;
  readonly assets: Assets;
  readonly shared: Shared;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;

  constructor(fields: Pick<Creation, 'account' | 'stack' | 'assets' | 'shared' | 'logicalId' | 'type' | 'properties'>) {
    this.account = fields.account;
    this.stack = fields.stack;
    this.assets = fields.assets;
    this.shared = fields.shared;
    this.logicalId = fields.logicalId;
    this.type = fields.type;
    this.properties = fields.properties;
  }

  /**
   * Refuses properties that are neither used nor known to make no difference here: a property passed over in silence
   * would be a difference between the simulated account and AWS that nobody sees.
   */
  expect(used: readonly string[], withoutEffect: readonly string[] = []): void {
    const known = new Set([...used, ...withoutEffect, 'Tags']);
    const unknown = Object.keys(this.properties).filter((name) => !known.has(name));
    if (unknown.length > 0) throw this.failed(`the property ${unknown.join(', ')} is not implemented.`);
  }

  /** A name as CloudFormation makes them up, but the same in every run: `<stack>-<logical id>-<12 characters>`. */
  name(given: Json | undefined, limit = 64): string {
    if (typeof given === 'string') return given;
    const digest = createHash('sha256').update(`${this.stack.stackName}/${this.logicalId}`).digest();
    const suffix = digest.subarray(0, 6).toString('hex').toUpperCase();
    return `${`${this.stack.stackName}-${this.logicalId}`.slice(0, limit - 13)}-${suffix}`;
  }

  text(name: string): string {
    const value = this.properties[name];
    if (typeof value !== 'string') throw this.failed(`the property ${name} must be a string.`);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.properties[name] === undefined ? undefined : this.text(name);
  }

  /** Templates write numbers as numbers or as strings. */
  number(name: string, fallback: number): number {
    const value = this.properties[name];
    return value === undefined ? fallback : Number(value);
  }

  object(name: string): { readonly [key: string]: Json } {
    const value = this.properties[name];
    if (value === undefined) return {};
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw this.failed(`the property ${name} must be an object.`);
    }
    return value;
  }

  list(name: string): readonly Json[] {
    const value = this.properties[name];
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.failed(`the property ${name} must be a list.`);
    return value;
  }

  failed(reason: string, cause?: unknown): DeploymentFailed {
    const where = `${this.stack.stackName}/${this.logicalId} (${this.type})`;
    return new DeploymentFailed(`${where}: ${reason}`, cause === undefined ? undefined : { cause });
  }
}
