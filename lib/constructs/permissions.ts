import { Effect, type IPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct, IConstruct } from 'constructs';

/** One statement of a role's policy. */
export interface Permission {
  readonly actions: readonly string[];
  /** ARNs. A statement without any is left out: there is nothing of that kind in the configuration. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why these resources cannot be named one by one. Needed exactly when one of them holds a `*`. */
  readonly wildcard?: string;
}

export interface LeastPrivilegeRoleProps {
  readonly description: string;
  readonly assumedBy: IPrincipal;
  readonly permissions: readonly Permission[];
}

/**
 * A role whose whole policy stands in one place and is created together with it. Each wildcard in it is acknowledged
 * to cdk-nag by itself, with the reason that the permission gives.
 */
export function leastPrivilegeRole(scope: Construct, id: string, props: LeastPrivilegeRoleProps): Role {
  const permissions = props.permissions.filter((permission) => permission.resources.length > 0);
  const role = new Role(scope, id, {
    description: props.description,
    assumedBy: props.assumedBy,
    ...(permissions.length > 0 && {
      inlinePolicies: { Permissions: new PolicyDocument({ statements: permissions.map(renderStatement) }) },
    }),
  });
  for (const permission of permissions) acknowledgePermission(role, permission);
  refuseTooLarge(role, permissions);
  return role;
}

/** Characters that IAM takes in the inline policies of one role, white space not counted. */
const policyLimit = 10_240;

/** IAM would refuse the role in the middle of a deployment; synthesis refuses it before. */
function refuseTooLarge(role: Role, permissions: readonly Permission[]): void {
  const policy = new PolicyDocument({ statements: permissions.map(renderStatement) });
  // A policy without statements resolves to nothing.
  const size = (JSON.stringify(Stack.of(role).resolve(policy)) ?? '').length;
  if (size <= policyLimit) return;
  throw new Error(
    `${role.node.path}: its policy has about ${size} characters, and IAM takes ${policyLimit} in a role. Fewer services fit ` +
      'into one environment: put some of them into another environment of the configuration.',
  );
}

/** The statement as it stands in the policy. */
export function renderStatement(permission: Permission): PolicyStatement {
  const action = permission.actions.find((name) => name.includes('*'));
  if (action) throw new Error(`The action ${action} is a wildcard: name the actions one by one.`);
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...permission.actions],
    resources: [...permission.resources],
    ...(permission.conditions && { conditions: permission.conditions }),
  });
}

/** Tells cdk-nag of one wildcard in the policy of `scope` (a role, or the policy attached to one). */
export function acknowledgeWildcard(scope: IConstruct, resource: string, reason: string): void {
  const finding = flatten(Stack.of(scope).resolve(resource));
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${finding}]`, reason });
}

function acknowledgePermission(role: Role, permission: Permission): void {
  const stack = Stack.of(role);
  const wildcards = permission.resources.filter((resource) => flatten(stack.resolve(resource)).includes('*'));
  if (wildcards.length > 0 !== (permission.wildcard !== undefined)) {
    throw new Error(
      `${role.node.path}: ${permission.actions.join(', ')} on ${permission.resources.join(', ')} ` +
        (permission.wildcard ? 'gives a reason for a wildcard that is not there.' : 'needs a reason for its wildcard.'),
    );
  }
  const resource = role.node.defaultChild ?? role;
  for (const wildcard of wildcards) acknowledgeWildcard(resource, wildcard, permission.wildcard ?? '');
}

/** A resolved ARN as cdk-nag names it in a finding: references in angle brackets, joins joined. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: reference } = value as CloudFormationReference;
  if (join) return join[1].map(flatten).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  if (reference) return `<${reference}>`;
  throw new Error(`Cannot name ${JSON.stringify(value)} in a finding.`);
}

interface CloudFormationReference {
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::GetAtt'?: readonly [string, string];
  readonly Ref?: string;
}
