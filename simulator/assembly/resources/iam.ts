import type { PolicyDocument } from '../../iam.ts';
import type { Created, Creation } from '../creation.ts';

/** AWS's own policies, as far as the CDK attaches them by itself. */
const awsManaged: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
};

export function role(creation: Creation): Created {
  creation.expect(
    ['RoleName', 'Path', 'Policies', 'ManagedPolicyArns'],
    ['AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration'],
  );
  const name = creation.name(creation.properties.RoleName);
  const arn = roleArn(creation, (creation.optionalText('Path') ?? '/') + name);
  const inline = creation.list('Policies') as unknown as { PolicyDocument: PolicyDocument }[];
  const policies = inline.map((one) => one.PolicyDocument);
  for (const managed of creation.list('ManagedPolicyArns'))
    policies.push(managedPolicyDocument(creation, String(managed)));
  creation.account.iam.addRole({ arn, policies });
  creation.shared.roleArns.set(name, arn);
  return { physicalId: name, arn, attributes: { Arn: arn, RoleId: `AROA${creation.name(undefined).slice(-12)}` } };
}

export function policy(creation: Creation): Created {
  creation.expect(['PolicyName', 'PolicyDocument', 'Roles']);
  attach(creation);
  return { physicalId: creation.name(creation.properties.PolicyName), attributes: {} };
}

export function managedPolicy(creation: Creation): Created {
  creation.expect(['ManagedPolicyName', 'PolicyDocument', 'Roles'], ['Description', 'Path']);
  attach(creation);
  const name = creation.name(creation.properties.ManagedPolicyName, 128);
  const arn = `arn:aws:iam::${creation.account.id}:policy/${name}`;
  creation.shared.policies.set(arn, creation.object('PolicyDocument') as unknown as PolicyDocument);
  return { physicalId: arn, arn, attributes: {} };
}

function attach(creation: Creation): void {
  const document = creation.object('PolicyDocument') as unknown as PolicyDocument;
  for (const name of creation.list('Roles').map(String)) {
    creation.account.iam.addPolicy(creation.shared.roleArns.get(name) ?? roleArn(creation, `/${name}`), document);
  }
}

/** @param path with the leading slash */
function roleArn({ account }: Creation, path: string): string {
  return `arn:aws:iam::${account.id}:role${path}`;
}

function managedPolicyDocument(creation: Creation, arn: string): PolicyDocument {
  const own = creation.shared.policies.get(arn);
  if (own) return own;
  const name = arn.split(':policy/')[1] ?? '';
  const document = Object.hasOwn(awsManaged, name) ? awsManaged[name] : undefined;
  if (!document) throw creation.failed(`the managed policy ${arn} is not known to the simulated account.`);
  return document;
}
