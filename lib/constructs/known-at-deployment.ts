import { createHash } from 'node:crypto';
import { Fn, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { loadBalancerDimension, targetGroupDimension } from '../domain/arns.ts';
import { type Substitutions, substitute } from '../domain/substitution.ts';

/** Where ARNs of stand-ins say that they are. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * Names and ARNs that are CDK tokens: CloudFormation knows them, synthesis does not. Backstep decides on names (which
 * alarms, which permissions, whether two services are in each other's way), so each token gets a stand-in that is well
 * formed, unique, the same in every synthesis, and as long as the real one can be. `fill` then puts the tokens back.
 */
export class KnownAtDeployment {
  readonly #scope: IConstruct;
  readonly #place: Place;
  readonly #values = new Map<string, string>();
  readonly #words = new Map<string, string>();

  constructor(scope: IConstruct, place: Place) {
    this.#scope = scope;
    this.#place = place;
  }

  /** A name of letters, digits and hyphens, at most `length` long. */
  name(value: string, length: number): string {
    if (!Token.isUnresolved(value)) return value;
    return this.standIn(`${mark}${this.#hash(value)}`.padEnd(length, 'x'), value, this.#spoken(value));
  }

  /** Text that holds tokens, as a URL with the name of a load balancer does. */
  text(value: string, length = 128): string {
    return value.replace(tokens, (token) => this.name(token, length));
  }

  targetGroup(arn: string): string {
    if (!Token.isUnresolved(arn)) return arn;
    const hash = this.#hash(arn);
    const standIn = this.#arn(`targetgroup/${`${mark}${hash}`.padEnd(32, 'x')}/${hash}`);
    this.standIn(targetGroupDimension(standIn) ?? '', Fn.select(5, Fn.split(':', arn)), this.#spoken(arn));
    return this.standIn(standIn, arn, this.#spoken(arn));
  }

  /**
   * The ARN of a listener or of one of its rules. CloudWatch names the load balancer by a part of it.
   *
   * @param owner whose rule it is, where nothing tells the load balancer: it then counts as this service's alone
   */
  rule(kind: 'listener' | 'listener-rule', arn: string, owner: string): string {
    if (!Token.isUnresolved(arn)) return arn;
    const hash = this.#hash(arn);
    const balancer = this.#loadBalancer(arn, owner);
    const parts = kind === 'listener' ? [hash] : [hash, hash];
    const standIn = this.#arn([kind, balancer, ...parts].join('/'));
    if (balancer.includes(mark) && !this.#values.has(balancer)) {
      const [name, id] = [2, 3].map((part) => Fn.select(part, Fn.split('/', arn)));
      this.standIn(balancer, `app/${name}/${id}`, `the load balancer of ${this.#spoken(arn)}`);
    }
    return this.standIn(standIn, arn, this.#spoken(arn));
  }

  /** Lets `standIn` stand for `value`; returns it. `words` are for messages. */
  standIn(standIn: string, value: string, words: string): string {
    this.#values.set(standIn, value);
    this.#words.set(standIn, words);
    return standIn;
  }

  /** A copy of `value`, a document, with tokens in the place of their stand-ins. */
  fill<T>(value: T): T {
    const values = Object.fromEntries(this.#values);
    return mapStrings(value, (text) => {
      const filled = substitute(text, values);
      // Half a stand-in would otherwise be deployed as a name.
      if (filled.includes(mark)) throw new Error(`A name that is known only at deployment was cut: "${text}".`);
      return filled;
    }) as T;
  }

  /** The stand-ins that occur in `text`, with their tokens. */
  within(text: string): Substitutions {
    return Object.fromEntries([...this.#values].filter(([standIn]) => text.includes(standIn)));
  }

  /** `text` of a message: stand-ins, even those that it cuts short, become the constructs that they stand for. */
  describe(text: string): string {
    const whole = substitute(text, Object.fromEntries(this.#words));
    return whole.replace(cutStandIn, (cut) => {
      const found = [...this.#words].find(([standIn]) => standIn.startsWith(cut.slice(0, mark.length + hashLength)));
      return found ? `${found[1]}"` : cut;
    });
  }

  #arn(resource: string): string {
    const { partition, region, account } = this.#place;
    return `arn:${partition}:elasticloadbalancing:${region}:${account}:${resource}`;
  }

  /** Follows a rule to its listener and a listener to its load balancer, so that services behind one are seen to be. */
  #loadBalancer(arn: string, owner: string): string {
    const literal = loadBalancerDimension(arn);
    if (literal) return literal;
    const target: object = referenceOf(arn)?.target ?? {};
    if ('listenerArn' in target && typeof target.listenerArn === 'string') {
      return this.#loadBalancer(target.listenerArn, owner);
    }
    const known = 'loadBalancerArn' in target && typeof target.loadBalancerArn === 'string';
    const balancer = known ? String((target as { loadBalancerArn: unknown }).loadBalancerArn) : owner;
    if (known && !Token.isUnresolved(balancer)) return loadBalancerDimension(balancer) ?? balancer;
    const hash = known ? this.#hash(balancer) : hashed(owner);
    return `app/${`${mark}${hash}`.padEnd(32, 'x')}/${hash}`;
  }

  /** The construct and its attribute, where that is all there is to it. */
  #identity(value: string): string {
    const reference = referenceOf(value);
    if (reference) return `${reference.target.node.path}.${reference.displayName}`;
    return JSON.stringify(Stack.of(this.#scope).resolve(value));
  }

  /** The construct as its author named it. */
  #spoken(value: string): string {
    return referenceOf(value)?.target.node.path.replace(/\/Resource$/, '') ?? this.#identity(value);
  }

  #hash(value: string): string {
    return hashed(this.#identity(value));
  }
}

const mark = 'at-deployment-';
const hashLength = 16;
const cutStandIn = /at-deployment-[0-9a-f]{16}x*…/g;
const tokens = /\$\{Token\[[^\]]+\]\}/g;
const hashed = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, hashLength);

function referenceOf(value: string): Reference | undefined {
  const { length, firstToken } = Tokenization.reverseString(value);
  return length === 1 && Reference.isReference(firstToken) ? firstToken : undefined;
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)]));
}
