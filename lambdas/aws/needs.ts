/**
 * Whether the parameters and secrets that a task definition names are there, and their versions. Values are never read,
 * and asking never fails: that something cannot be read is an answer.
 *
 * Calls: ssm:DescribeParameters, secretsmanager:DescribeSecret
 */
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, type DescribeParametersCommandOutput, SSMClient } from '@aws-sdk/client-ssm';
import { bare, type Need, type NeedFacts, unasked } from '../../lib/domain/needs.ts';
import { quickOptions } from './client.ts';

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
  return Promise.all(
    needs.map(async (need): Promise<NeedFacts> => {
      if (!isOwn(need, own)) return { ...need, ...notChecked('It lies in another account or region.') };
      if (need.kind === 'parameter') return { ...need, ...(await parameters)(need) };
      if (need.kind === 'secret') return { ...need, ...(await readSecret(need)) };
      return { ...need, ...notChecked(unasked[need.kind] ?? 'Nobody is asked about it.') };
    }),
  );
}

type Answer = Omit<NeedFacts, keyof Need>;

async function readParameters(needs: readonly Need[]): Promise<(need: Need) => Answer> {
  const names = [...new Set(needs.map(({ name }) => bare(name)))];
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
    const unread = notChecked(`Parameter Store did not answer: ${inWords(error)}`);
    return () => unread;
  }
  return ({ name }) => {
    const version = versions.get(bare(name));
    if (version === undefined) return { found: 'gone', why: 'Parameter Store knows no such parameter.' };
    return { found: 'there', version };
  };
}

async function readSecret({ name }: Need): Promise<Answer> {
  try {
    const { DeletedDate, VersionIdsToStages = {} } = await secretsManager.send(
      new DescribeSecretCommand({ SecretId: name }),
    );
    if (DeletedDate) return { found: 'gone', why: 'it is scheduled for deletion, and nobody can read it meanwhile.' };
    const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'));
    return { found: 'there', ...(current && { version: current[0] }) };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      return { found: 'gone', why: 'Secrets Manager knows no such secret.' };
    return notChecked(`Secrets Manager did not answer: ${inWords(error)}`);
  }
}

function isOwn({ name }: Need, own: { readonly account: string; readonly region: string }): boolean {
  const [, , service, region = '', account = ''] = name.split(':');
  if (!name.startsWith('arn:') || service === 's3' || service === 'iam') return true;
  return account === own.account && region === own.region;
}

const notChecked = (why: string): Answer => ({ found: 'not checked', why });
const inWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
