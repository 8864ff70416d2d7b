/**
 * Whether what a task definition names is there, and the versions of parameters and secrets. Values are never read, and
 * asking never fails: that something cannot be read is an answer.
 *
 * Calls: ssm:DescribeParameters, secretsmanager:DescribeSecret, iam:GetRole, logs:DescribeLogGroups, s3:ListBucket
 */
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, type DescribeParametersCommandOutput, SSMClient } from '@aws-sdk/client-ssm';
import { type Need, type NeedFacts, parameterNames } from '../../lib/domain/needs.ts';
import { quickOptions } from './client.ts';
import { readEnvironmentFile } from './environment-files.ts';
import { readRole } from './iam.ts';
import { readLogGroup } from './logs.ts';
import { type Answer, gone, named, notChecked, unread } from './need-answers.ts';

const ssm = new SSMClient(quickOptions);
const secretsManager = new SecretsManagerClient(quickOptions);

/** DescribeParameters takes so many names. */
const mostNames = 50;

/** @param own `account` and `region` that the answers are of */
export async function readNeeds(
  needs: readonly Need[],
  own: { readonly account: string; readonly region: string },
): Promise<NeedFacts[]> {
  const parameters = readParameters(needs.filter((need) => need.kind === 'parameter' && isOwn(need, own)));
  const readers: Readonly<Record<Need['kind'], (need: Need) => Answer | Promise<Answer>>> = {
    parameter: async (need) => (await parameters)(need),
    secret: readSecret,
    file: ({ name }) => readEnvironmentFile(name),
    'log group': ({ name }) => readLogGroup(name),
    role: ({ name }) => readRole(name),
  };
  return Promise.all(
    needs.map(async (need): Promise<NeedFacts> => {
      const answer = isOwn(need, own)
        ? await readers[need.kind](need)
        : notChecked('It lies in another account or region.');
      return { ...need, ...answer };
    }),
  );
}

async function readParameters(needs: readonly Need[]): Promise<(need: Need) => Answer> {
  const names = [...new Set(needs.flatMap(({ name }) => parameterNames(name)))];
  const versions = new Map<string, string>();
  try {
    for (let at = 0; at < names.length; at += mostNames) {
      let NextToken: string | undefined;
      do {
        const Values = names.slice(at, at + mostNames);
        const filter = { Key: 'Name', Option: 'Equals', Values };
        const page: DescribeParametersCommandOutput = await ssm.send(
          new DescribeParametersCommand({ ParameterFilters: [filter], MaxResults: mostNames, NextToken }),
        );
        for (const { Name = '', Version } of page.Parameters ?? []) versions.set(Name, String(Version ?? ''));
        NextToken = page.NextToken;
      } while (NextToken);
    }
  } catch (error) {
    const silent = unread('Parameter Store', error);
    return () => silent;
  }
  return ({ name }) => {
    const called = parameterNames(name);
    const version = called.map((one) => versions.get(one)).find((one) => one !== undefined);
    if (version !== undefined) return { found: 'there', version };
    if (called[0]?.startsWith('/aws/')) return notChecked('Parameter Store lists none of what AWS itself keeps there.');
    return gone('Parameter Store knows no such parameter.');
  };
}

async function readSecret({ name }: Need): Promise<Answer> {
  try {
    const { DeletedDate, VersionIdsToStages = {} } = await secretsManager.send(
      new DescribeSecretCommand({ SecretId: name }),
    );
    if (DeletedDate) return gone('it is scheduled for deletion, and nobody can read it meanwhile.');
    const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'));
    return { found: 'there', ...(current && { version: current[0] }) };
  } catch (error) {
    if (named(error, 'ResourceNotFoundException')) return gone('Secrets Manager knows no such secret.');
    return unread('Secrets Manager', error);
  }
}

/** Buckets are of no region, and roles of none: whose a bucket is, S3 tells by refusing. */
function isOwn({ name, region: given }: Need, own: { readonly account: string; readonly region: string }): boolean {
  if (!name.startsWith('arn:')) return given === undefined || given === own.region;
  const [, , , region, account] = name.split(':');
  return (account === '' || account === own.account) && (region === '' || region === own.region);
}
