/** A person answers a question, as `npx backstep approve` does: a signed request to the function URL of the stack. */
import { answerFunctionName, installationParameter, signedAlias } from '../../lib/domain/names.ts';
import type { SimulatedAccount } from '../account.ts';
import type { WireResponse } from '../wire/http.ts';
import type { EventOf } from './events.ts';
import type { LiveRun } from './run.ts';

export interface Answer {
  readonly rollbackId: string;
  readonly decision: 'approve' | 'decline';
  readonly reason: string;
}

/** Refusals are findings: the question was answered already, or is expired. Anything else is no answer at all. */
const findings: ReadonlySet<number> = new Set([200, 404, 409, 410]);

export async function answerQuestion(run: LiveRun, event: EventOf<'approve'> | EventOf<'decline'>): Promise<void> {
  const rollbackId = event.rollback ?? questionOf(run, event.service);
  const response = await sendAnswer(run, { rollbackId, decision: event.type, reason: event.reason }, event.by);
  if (findings.has(response.status)) return;
  throw new Error(`the function URL answers ${response.status}: ${Buffer.from(response.body).toString('utf8')}`);
}

/** @param by the session of somebody with the role of those who may answer */
export function sendAnswer({ account, environment }: LiveRun, answer: unknown, by: string): Promise<WireResponse> {
  return signed(account, urlOf(account, environment), JSON.stringify(answer), approver(account, environment), by);
}

/** A POST with what SigV4 says of its sender; the signature itself nobody checks here. */
export function signed(
  account: SimulatedAccount,
  url: string,
  body: string,
  roleArn: string,
  session: string,
): Promise<WireResponse> {
  const { accessKeyId, sessionToken } = account.iam.credentialsFor(roleArn, session);
  const day = account.clock.iso().slice(0, 10).replaceAll('-', '');
  const scope = `${accessKeyId}/${day}/${account.region}/lambda/aws4_request`;
  return account.handle({
    method: 'POST',
    hostname: new URL(url).hostname,
    path: '/',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=simulated`,
      'content-type': 'application/json',
      'x-amz-security-token': sessionToken,
    },
    body,
  });
}

/** Where the deployment says that answers go. */
export function urlOf(account: SimulatedAccount, environment: string): string {
  const found = account.ssm.parameter(installationParameter(environment));
  if (!found) throw new Error(`nothing says where the installation ${environment} is`);
  return (JSON.parse(found.value) as { answerUrl: string }).answerUrl;
}

/** The role of those who may answer, with the grant of docs/approval.md and nothing else. */
export function approver(account: SimulatedAccount, environment: string): string {
  const arn = `arn:aws:iam::${account.id}:role/${approverRole}`;
  if (!account.iam.roles.includes(arn)) {
    const Resource = `${account.arn('lambda', `function:${answerFunctionName(environment)}`)}:${signedAlias}`;
    account.iam.addRole({ arn, policies: [answerPolicy(Resource)] });
  }
  return arn;
}

const approverRole = 'backstep-approvers';

/** People who answer are no part of Backstep. */
export const isApprover = (principal: string): boolean => principal.endsWith(`:role/${approverRole}`);

/** What an administrator grants, as docs/approval.md has it. */
export const answerPolicy = (Resource: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow' as const,
      Action: 'lambda:InvokeFunctionUrl',
      Resource,
      Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      Effect: 'Allow' as const,
      Action: 'lambda:InvokeFunction',
      Resource,
      Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    },
  ],
});

/** The rollback whose question a service has put last. */
function questionOf({ account, stack }: LiveRun, service: string | undefined): string {
  for (const { type, physicalId } of Object.values(stack.resources)) {
    if (type !== 'AWS::DynamoDB::Table') continue;
    const item = account.dynamodb
      .items(physicalId)
      .find(({ pk, sk }) => pk?.S === `SERVICE#${service}` && sk?.S === 'APPROVAL');
    if (item?.rollbackId?.S) return item.rollbackId.S;
  }
  throw new Error(`no rollback of ${service} has asked anything by then`);
}
