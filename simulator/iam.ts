/**
 * Who may do what: the roles of the synthesized stack with their policies. Every call is authorized here, so a missing
 * permission fails in the simulated account with the sentence AWS would answer.
 */
import { createHash } from 'node:crypto';
import { decide } from './iam/evaluate.ts';
import { type PolicyDocument, parsePolicy, type Statement } from './iam/policy.ts';
import { AwsError, type Principal } from './service.ts';

export type { PolicyDocument } from './iam/policy.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Condition keys of one call, e.g. `{'cloudwatch:namespace': 'Backstep'}`. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** The person or pipeline outside the stack; may do everything. */
export const operator: Principal = { arn: 'operator' };

export class Iam {
  readonly #roles = new Map<string, Statement[]>();
  readonly #keys = new Map<string, Principal>();

  addRole(role: { readonly arn: string; readonly policies: readonly PolicyDocument[] }): void {
    this.#roles.set(role.arn, role.policies.flatMap(parsePolicy));
  }

  /** Attaches one more policy to a role; the role is created when it is not known yet. */
  addPolicy(roleArn: string, document: PolicyDocument): void {
    const statements = this.#roles.get(roleArn) ?? [];
    statements.push(...parsePolicy(document));
    this.#roles.set(roleArn, statements);
  }

  /** Takes one action out of a role's Allow statements that name it. @returns how many did */
  removeAction(roleArn: string, action: string): number {
    const statements = this.#roles.get(roleArn) ?? [];
    const named = statements.filter(({ effect, actions }) => effect === 'Allow' && actions.patterns.includes(action));
    const without = statements.map((statement) =>
      named.includes(statement)
        ? {
            ...statement,
            actions: { not: false, patterns: statement.actions.patterns.filter((one) => one !== action) },
          }
        : statement,
    );
    this.#roles.set(roleArn, without);
    return named.length;
  }

  deleteRole(arn: string): void {
    this.#roles.delete(arn);
  }

  /** ARNs of all roles. */
  get roles(): readonly string[] {
    return [...this.#roles.keys()];
  }

  /** Credentials that the wire maps back to `principalArn`; the same for the same arguments. */
  credentialsFor(principalArn: string, session = 'simulated'): Credentials {
    const digest = createHash('sha256').update(`${principalArn}\n${session}`).digest();
    const accessKeyId = (principalArn === operator.arn ? 'AKIA' : 'ASIA') + base32(digest).slice(0, 16);
    this.#keys.set(accessKeyId, principalArn === operator.arn ? operator : { arn: principalArn, session });
    return {
      accessKeyId,
      secretAccessKey: digest.toString('base64').slice(0, 40),
      sessionToken: digest.toString('base64url'),
    };
  }

  principalOf(accessKeyId: string): Principal | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** @throws AwsError `AccessDenied` with AWS's sentence, unless the principal may do `action` on every resource. */
  authorize(
    principal: Principal,
    action: string,
    resources: readonly string[],
    conditions: ConditionContext = {},
  ): void {
    if (principal.arn === operator.arn) return;
    const statements = this.#roles.get(principal.arn) ?? [];
    const context = { 'aws:PrincipalArn': principal.arn, 'aws:SecureTransport': 'true', ...conditions };
    for (const resource of resources) {
      const decision = decide(statements, { action, resource, context });
      if (decision !== 'allow') throw denied(principal, action, resource, decision);
    }
  }
}

function denied(principal: Principal, action: string, resource: string, decision: 'deny' | 'none'): AwsError {
  const reason =
    decision === 'deny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const subject = resource === '*' ? '' : ` on resource: ${resource}`;
  return new AwsError(
    'AccessDenied',
    `User: ${callerArn(principal)} is not authorized to perform: ${action}${subject} ${reason}`,
    { status: 403 },
  );
}

/** A role calls through a session: `arn:aws:sts::111122223333:assumed-role/name/session`. */
export function callerArn(principal: Principal): string {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(principal.arn);
  return role
    ? `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${principal.session ?? 'simulated'}`
    : principal.arn;
}

function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...bytes].map((byte) => alphabet[byte & 31]).join('');
}
