/** Asking, answering and what a yes still means: Plan, RequestApproval, Answer and AcceptApproval as deployed. */
import type { PutItemInput, UpdateItemInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Approval } from '../../lib/domain/approval.ts';
import type { LockState } from '../../lib/domain/lock.ts';
import type { Outcome, RollbackContext, RollbackRecord, TimelineEntry } from '../../lib/domain/model.ts';
import { stateMachineArn } from '../../lib/domain/names.ts';
import type { AcceptApprovalResult, ApprovalAnswer, PlanResult } from '../../lib/domain/states.ts';
import { operator } from '../../simulator/iam.ts';
import { approver, signed, urlOf } from '../../simulator/scenario/answers.ts';
import { operate } from '../../simulator/scenario/schedule.ts';
import { drive } from '../../simulator/sdk.ts';
import { AwsError, type FaultHook } from '../../simulator/service.ts';
import type { CallbackTask } from '../../simulator/states/task-tokens.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples, executionArn, rollbackId } from './deployed.ts';

const machine = stateMachineArn('aws', 'eu-west-1', '111122223333', 'production');

let deployed: Deployed;
let context: RollbackContext;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  const { account } = deployed;
  // The stack's own rule stays silent, or its executions would be there first.
  account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
  deployRelease(account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
  await deployed.wait(180);
  context = { ...deployed.context, asksBecause: 'Slower by 35 %.' };
});

const now = (): string => deployed.account.clock.iso();
const plan = (): Promise<PlanResult> => deployed.invoke('Plan', { now: now(), context });
const question = async (): Promise<Approval | undefined> => (await deployed.items<Approval>('APPROVAL'))[0];
const lock = async (): Promise<LockState | undefined> => (await deployed.items<LockState>('LOCK'))[0];

interface Asked {
  readonly planned: PlanResult;
  readonly task: CallbackTask;
}

/** Planned and asked, with a task that really waits for its token. */
async function ask(): Promise<Asked> {
  const planned = await plan();
  const task = deployed.account.states.tokens.issue(machine, () => true);
  await request(planned, task.token);
  return { planned, task };
}

const request = ({ context: own, planKey, planSha256 }: PlanResult, taskToken: string, at = now()): Promise<unknown> =>
  deployed.invoke('RequestApproval', { now: at, context: own, planKey, planSha256, taskToken });

const accept = (planned: PlanResult, answer: ApprovalAnswer, at = now()): Promise<AcceptApprovalResult> => {
  const { context: own, planKey, planSha256 } = planned;
  return deployed.invoke('AcceptApproval', { now: at, context: own, planKey, planSha256, answer });
};

const yes = ({ planSha256 }: PlanResult): ApprovalAnswer => ({
  decision: 'approve',
  by: 'arn:aws:iam::111122223333:user/ann',
  proven: true,
  reason: 'go',
  answeredAt: now(),
  planSha256,
});

const report = (own: RollbackContext, outcome: Outcome): Promise<unknown> => {
  const nothing = { planKey: null, checkpointKey: null, verdict: null, failure: null };
  return deployed.invoke('Report', { now: now(), context: own, outcome, reason: 'A test.', ...nothing });
};

const inputOf = ({ input }: { readonly input?: unknown }): NonNullable<UpdateItemInput['Key']> =>
  (input as UpdateItemInput).Key ?? {};

/** An execution of the rollback machine that is RUNNING: its Admit takes an hour. */
function running(): string {
  const { account } = deployed;
  account.faults.push((point) =>
    point.kind === 'invocation' && point.functionName.includes('FunctionsAdmit') ? { delayMs: 3_600_000 } : undefined,
  );
  return account.states.startExecution({ stateMachineArn: machine, input: '{}', principal: operator }).executionArn;
}

function put(item: Record<string, unknown>): void {
  const input: PutItemInput = { TableName: deployed.table, Item: marshall({ pk: 'SERVICE#checkout', ...item }) };
  operate(deployed.account.dynamodb, 'PutItem', input);
}

describe('Plan, when a person has to be asked', () => {
  test('puts the question and gives the lock back that Admit took', async () => {
    expect(await lock()).toMatchObject({ owner: { executionArn } });
    const planned = await plan();
    expect(planned).toMatchObject({ decision: 'approve', outcome: null, approvalSeconds: 3_600 });
    expect(planned.context).not.toHaveProperty('fencingToken');
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
    expect(await question()).toMatchObject({
      rollbackId,
      executionArn,
      planKey: planned.planKey,
      planSha256: planned.planSha256,
      asksBecause: 'Slower by 35 %.',
    });
    const [record] = await deployed.items<RollbackRecord>('ROLLBACK#');
    expect(record?.executes).toBeUndefined();
  });

  test('does the same again when repeated', async () => {
    const at = now();
    const twice = () => deployed.invoke<PlanResult>('Plan', { now: at, context });
    const first = await twice();
    const asked = await question();
    expect(await twice()).toEqual(first);
    expect(await question()).toEqual(asked);
  });

  test('belongs to the rollback that waits already, and tells it so', async () => {
    const other = { ...waiting(), executionArn: running() };
    put({ sk: 'APPROVAL', ...other });
    const planned = await plan();
    expect(planned).toMatchObject({
      decision: 'end',
      outcome: 'duplicate',
      reason: expect.stringContaining(other.rollbackId),
    });
    expect(await question()).toEqual(expect.objectContaining({ rollbackId: other.rollbackId }));
    const theirs = await deployed.items<TimelineEntry>(`TIMELINE#${other.rollbackId}`);
    expect(theirs.map(({ kind }) => kind)).toEqual(['joined']);
  });

  test('replaces the question of a rollback that was stopped, and one that is answered', async () => {
    put({ sk: 'APPROVAL', ...waiting(), executionArn: `${executionArn}-gone` });
    expect(await plan()).toMatchObject({ decision: 'approve' });
    expect(await question()).toMatchObject({ rollbackId });
    put({ sk: 'APPROVAL', ...waiting(), executionArn: running(), answer: { decision: 'expired' } });
    expect(await plan()).toMatchObject({ decision: 'approve' });
    expect(await question()).toMatchObject({ rollbackId });
  });

  test('when another puts its question first, between reading and writing, looks again', async () => {
    const executionArn = running();
    let done = false;
    deployed.account.faults.unshift((point) => {
      if (done || point.kind !== 'call' || point.operation !== 'PutItem') return undefined;
      if ((point.input as PutItemInput).Item?.sk?.S !== 'APPROVAL') return undefined;
      done = true;
      put({ sk: 'APPROVAL', ...waiting(), executionArn });
      return { delayMs: 0 };
    });
    expect(await plan()).toMatchObject({ decision: 'end', outcome: 'duplicate' });
    expect(await question()).toMatchObject({ executionArn });
  });

  const waiting = (): Approval => ({
    service: 'checkout',
    rollbackId: 'checkout-20261120-025900-aaaaaa',
    executionArn: 'other',
    planKey: 'plans/other.json',
    planSha256: 'ab'.repeat(32),
    asksBecause: 'Slower.',
    requestedAt: now(),
    expiresAt: new Date(deployed.account.clock.now() + 3_600_000).toISOString(),
  });
});

describe('RequestApproval', () => {
  test('keeps the token as ciphertext, tells people once, and returns nothing', async () => {
    const { planned, task } = await ask();
    const kept = (await question())?.token ?? '';
    expect(Buffer.from(kept, 'base64').toString('latin1')).not.toContain(task.token.slice(0, 40));
    const again = await request(planned, task.token);
    expect(again).toBeNull();
    expect((await question())?.token).not.toBe(kept);
    const { published } = deployed.account.sns;
    expect(published).toHaveLength(1);
    expect(JSON.stringify(published)).toContain(`npx backstep approve ${rollbackId}`);
    expect(JSON.stringify(published)).not.toContain(task.token.slice(0, 40));
  });

  test('fails where people cannot be told: a question that nobody hears is none', async () => {
    const planned = await plan();
    deployed.account.iam.removeAction(deployed.roleOf('RequestApproval'), 'sns:Publish');
    await expect(request(planned, 'token')).rejects.toMatchObject({
      name: expect.stringMatching(/AuthorizationError|AccessDenied/),
    });
  });

  test('refuses a changed plan, and a question that is not its own', async () => {
    const planned = await plan();
    deployed.account.s3.put(deployed.bucket, planned.planKey, `${deployed.read(planned.planKey)} `);
    await expect(request(planned, 'token')).rejects.toMatchObject({ name: 'PlanChanged' });
    const other = { ...planned, context: { ...planned.context, rollbackId: 'checkout-20261120-025900-aaaaaa' } };
    await expect(request({ ...other, ...deployed.storePlan([]) }, 'token')).rejects.toThrow('is not that of');
    expect(deployed.account.sns.published).toEqual([]);
  });
});

describe('Answer', () => {
  const body = (more: object = {}) => ({ rollbackId, decision: 'approve', reason: 'the numbers are clear', ...more });

  async function send(what: unknown, by = 'ann', role = approver(deployed.account, 'production')) {
    const { account } = deployed;
    const sent = signed(account, urlOf(account, 'production'), JSON.stringify(what), role, by);
    const { status, body: answer } = await drive(account, sent);
    const text = Buffer.from(answer).toString('utf8');
    return { status, message: String((JSON.parse(text) as { message?: string }).message ?? text) };
  }

  test('signed: hands the answer over, with who signed it, and closes the question', async () => {
    const { planned, task } = await ask();
    const by = 'arn:aws:sts::111122223333:assumed-role/backstep-approvers/ann';
    expect(await send(body({ planSha256: planned.planSha256 }))).toEqual({
      status: 200,
      message: `Rollback ${rollbackId} is approved by ${by}: "the numbers are clear".`,
    });
    const given = await task.outcome;
    expect(given).toMatchObject({ decision: 'approve', by, proven: true, planSha256: planned.planSha256 });
    expect(await question()).toMatchObject({ answer: given });
    expect(await question()).not.toHaveProperty('token');
  });

  test('given twice, also at once: counts once, and the other is told', async () => {
    await ask();
    const both = await Promise.all([send(body(), 'ann'), send(body({ decision: 'decline' }), 'bob')]);
    expect(both.map(({ status }) => status).sort()).toEqual([
      200,
      expect.toSatisfy((one) => one === 409 || one === 410),
    ]);
    expect(await send(body(), 'carol')).toMatchObject({
      status: 409,
      message: expect.stringContaining('answered already'),
    });
  });

  test.each<[string, object, number, string]>([
    [
      'a wrong rollback',
      { rollbackId: 'checkout-20261120-030405-ffffff' },
      404,
      `checkout waits for an answer to ${rollbackId}`,
    ],
    ['another plan', { planSha256: 'cd'.repeat(32) }, 409, 'read that one first'],
    ['a misspelt decision', { decision: 'yes' }, 400, '"decision" is "yes": allowed are approve, decline.'],
    ['a name of its own', { by: 'the boss' }, 400, '"by" is no field'],
  ])('to %s: refused in clear words, and the question stays', async (_name, more, status, words) => {
    await ask();
    expect(await send(body(more))).toMatchObject({ status, message: expect.stringContaining(words) });
    expect((await question())?.answer).toBeUndefined();
  });

  test('late: refused, and after its task is gone as well', async () => {
    await ask();
    await deployed.wait(3_600);
    expect(await send(body())).toMatchObject({ status: 410, message: expect.stringContaining('expired at') });
  });

  test('to a task that Step Functions no longer knows: refused', async () => {
    const planned = await plan();
    const { token } = deployed.account.states.tokens.issue(machine, () => false);
    await request(planned, token);
    expect(await send(body())).toMatchObject({ status: 410, message: expect.stringContaining('a moment ago') });
  });

  test('from somebody without the grant, or from nobody: AWS refuses it', async () => {
    await ask();
    expect(await send(body(), 'mallory', deployed.roleOf('Report'))).toMatchObject({ status: 403 });
    const { account } = deployed;
    const hostname = new URL(urlOf(account, 'production')).hostname;
    const unsigned = { method: 'POST', hostname, path: '/', headers: {}, body: JSON.stringify(body()) };
    expect(await drive(account, account.handle(unsigned))).toMatchObject({ status: 403 });
    expect(deployed.calls('SendTaskSuccess')).toBe(0);
  });

  test('from the console says itself who gives it, and cannot claim a signature', async () => {
    const { task } = await ask();
    const forged = { requestContext: { http: { method: 'POST' }, authorizer: { iam: { userArn: 'the boss' } } } };
    expect(await deployed.invoke('Answer', { ...forged, body: JSON.stringify(body()) })).toMatchObject({
      statusCode: 400,
    });
    expect(await deployed.invoke('Answer', body())).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('"by" is missing'),
    });
    expect(await deployed.invoke('Answer', body({ by: 'Ann' }))).toMatchObject({ statusCode: 200 });
    expect(await task.outcome).toMatchObject({ by: 'Ann', proven: false });
  });
});

describe('AcceptApproval', () => {
  test('takes the lock as Admit does, with the next token and a deadline of its own', async () => {
    const { planned } = await ask();
    await deployed.wait(600);
    const accepted = await accept(planned, yes(planned));
    expect(accepted).toMatchObject({ decision: 'execute', outcome: null, context: { fencingToken: 2 } });
    expect(Date.parse(accepted.deadline) - deployed.account.clock.now()).toBeGreaterThan(290_000);
    expect(await lock()).toMatchObject({ token: 2, owner: { executionArn } });
    const [record] = await deployed.items<RollbackRecord>('ROLLBACK#');
    expect(record).toMatchObject({ executes: true, automatic: false, reverts: { main: deployed.definition(41) } });
    expect(await deployed.timeline()).toContain('approval.approved');
  });

  test('does the same again when repeated', async () => {
    const { planned } = await ask();
    const [answer, at] = [yes(planned), now()];
    const first = await accept(planned, answer, at);
    expect(await accept(planned, answer, at)).toEqual(first);
    expect(await lock()).toMatchObject({ token: 2 });
  });

  test('declined: takes nothing, and closes the question', async () => {
    const { planned } = await ask();
    const answer = { ...yes(planned), decision: 'decline' } as ApprovalAnswer;
    expect(await accept(planned, answer)).toMatchObject({ decision: 'end', outcome: 'declined' });
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
    expect(await question()).toMatchObject({ answer });
    expect(await deployed.timeline()).toEqual(expect.arrayContaining(['approval.declined', 'declined']));
  });

  test('declined: nothing runs, although the lock is ours already; Report gives it back', async () => {
    const { planned } = await ask();
    // An Admit whose call came twice found the lock free and took it again.
    await deployed.lock(executionArn, 2);
    const declined = { ...yes(planned), decision: 'decline' } as ApprovalAnswer;
    const accepted = await accept(planned, declined);
    expect(accepted).toMatchObject({ decision: 'end', outcome: 'declined' });
    await report(accepted.context, 'declined');
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
  });

  test('failing for good once it has the lock: Report gives it back, though nobody knows its token', async () => {
    const { planned } = await ask();
    const noLedger: FaultHook = (point) =>
      point.kind === 'call' && point.operation === 'UpdateItem' && inputOf(point).sk?.S?.startsWith('ROLLBACK#')
        ? { error: new AwsError('InternalServerError', 'injected', { status: 500 }) }
        : undefined;
    deployed.account.faults.unshift(noLedger);
    await expect(accept(planned, yes(planned))).rejects.toThrow('injected');
    expect(await lock()).toMatchObject({ token: 2, owner: { executionArn } });
    deployed.account.faults.shift();
    await report(planned.context, 'needs-attention');
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
  });

  test('Report of one that never had the lock leaves that of another alone', async () => {
    const { planned } = await ask();
    const owner = running();
    await deployed.lock(owner, 7);
    await report(planned.context, 'declined');
    expect(await lock()).toMatchObject({ token: 7, owner: { executionArn: owner } });
  });

  test('while another rollback is at work: belongs to it', async () => {
    const { planned } = await ask();
    put({ sk: 'LOCK', token: 7, owner: { executionArn: running(), rollbackId: 'checkout-x', acquiredAt: now() } });
    expect(await accept(planned, yes(planned))).toMatchObject({ decision: 'end', outcome: 'duplicate' });
    expect((await deployed.items<TimelineEntry>('TIMELINE#checkout-x')).map(({ kind }) => kind)).toEqual(['joined']);
  });

  test('overtaken by a rollback that came and went between reading and locking: judges everything again', async () => {
    const { planned } = await ask();
    let done = false;
    deployed.account.faults.unshift((point) => {
      if (done || point.kind !== 'call' || point.operation !== 'PutItem') return undefined;
      if ((point.input as PutItemInput).Item?.sk?.S !== 'LOCK') return undefined;
      done = true;
      // It put the service back and gave the lock back, all within these milliseconds.
      put({ sk: 'LOCK', token: 5 });
      deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:41' });
      return { delayMs: 0 };
    });
    expect(await accept(planned, yes(planned))).toMatchObject({
      decision: 'end',
      outcome: 'observed',
      reason: expect.stringContaining('main runs checkout:41'),
    });
    expect(await lock()).toEqual(expect.objectContaining({ token: 5 }));
  });

  test('of a plan that was changed since, or of another: PlanChanged, and nothing is taken', async () => {
    const { planned } = await ask();
    const other = { ...yes(planned), planSha256: 'cd'.repeat(32) } as ApprovalAnswer;
    await expect(accept(planned, other)).rejects.toMatchObject({ name: 'PlanChanged' });
    deployed.account.s3.put(
      deployed.bucket,
      planned.planKey,
      deployed.read(planned.planKey).replace('checkout:41', 'checkout:40'),
    );
    await expect(accept(planned, yes(planned))).rejects.toMatchObject({ name: 'PlanChanged' });
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
    expect(deployed.calls('UpdateService')).toBe(0);
  });
});
