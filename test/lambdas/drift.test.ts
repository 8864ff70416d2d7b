/** What Report finds that infrastructure as code disagrees with, what it leaves behind, and what ends it. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DriftNotice } from '../../lib/domain/drift/notice.ts';
import type { Manager } from '../../lib/domain/model.ts';
import { checkpointKey } from '../../lib/domain/names.ts';
import type { ReportInput } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples, executionArn, rollbackId } from './deployed.ts';

let stack: Deployed;
let input: ReportInput;

/** Checkout is on 41 again, as the example begins, and the rollback found it on 42. */
beforeEach(async () => {
  stack = await Deployed.from(examples.oneSide);
  const manager: Manager = {
    resource: stack.account.arn('ecs', 'service/shop/checkout'),
    by: 'cloudformation',
    stack: 'shop-production',
    logicalId: 'CheckoutService',
    evidence: 'CloudFormation tagged it with stack shop-production.',
  };
  const { planKey } = stack.storePlan([stack.revert()], { managers: [manager] });
  const checkpoint = { rollbackId, takenAt: stack.account.clock.iso(), sides: [], rules: [], documents: {} };
  stack.account.s3.put(stack.bucket, checkpointKey(rollbackId), JSON.stringify(checkpoint));
  await timeline('action.applied');
  await stack.wait(600);
  input = {
    now: stack.account.clock.iso(),
    context: stack.context,
    outcome: 'verified',
    reason: 'Healthy over the bake.',
    planKey,
    checkpointKey: checkpointKey(rollbackId),
    verdict: null,
    failure: null,
  };
});

const timeline = (kind: string) => {
  const time = stack.account.clock.iso();
  const entry = { time, service: 'checkout', rollbackId, kind, message: '', data: { actionId: '1' } };
  return stack.put({ pk: 'SERVICE#checkout', sk: `TIMELINE#${rollbackId}#${time}#Test#000`, ...entry });
};
const report = (changes: Partial<ReportInput> = {}) => stack.invoke('Report', { ...input, ...changes });
const file = (name: string) => stack.read(`reports/${rollbackId}/${name}`);
const names = () =>
  stack.account.s3.list(stack.bucket, `reports/${rollbackId}/`).map(({ key }) => key.split('/').at(-1));
const notices = (type: string) => stack.account.events.received.filter((event) => event['detail-type'] === type);
const item = async () => (await stack.items<DriftNotice & { endedAt?: string }>('DRIFT'))[0];

describe('Report', () => {
  test('says what differs, and lays the change for it beside the report', async () => {
    await report();
    expect(file('report.md')).toContain('What infrastructure as code disagrees with');
    expect(file('report.html')).toContain('What infrastructure as code disagrees with');
    expect(file('drift.md')).toContain('CheckoutService (AWS::ECS::Service) in stack shop-production');
    expect(file('drift.md')).toContain(`TaskDefinition: ${stack.definition(41)}`);
    // Its schema is another's: nothing is added to it.
    expect(file('report.json')).not.toContain('drift');
  });

  test('tells pipelines once, and remembers it for those that ask', async () => {
    await report();
    const [told, ...others] = notices('Backstep Drift');
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      source: 'backstep',
      detail: {
        service: 'checkout',
        environment: 'production',
        rollbackId,
        pinned: [{ side: 'main', from: stack.definition(42), to: stack.definition(41) }],
        until: null,
      },
    });
    expect(await item()).toMatchObject({ rollbackId, since: input.now });
    expect(await stack.timeline()).toContain('drift');
  });

  test('repeated, it writes the same', async () => {
    await report();
    const before = file('drift.md');
    await stack.lock(executionArn);
    await report();
    expect(file('drift.md')).toBe(before);
    expect((await stack.timeline()).filter((kind) => kind === 'drift')).toHaveLength(1);
  });

  test.each([['observed'], ['blocked']] as const)('does not look where nothing was changed: %s', async (outcome) => {
    await report({ outcome });
    expect(names()).not.toContain('drift.md');
    expect(notices('Backstep Drift')).toEqual([]);
  });

  test('is written all the same where nobody can look, and says so', async () => {
    stack.account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'DescribeServices'
        ? { error: new AwsError('AccessDeniedException', 'No.') }
        : undefined,
    );
    await report();
    expect(file('report.md')).toMatch(/Nobody could look: .*No\./);
    expect(names()).not.toContain('drift.md');
    expect(notices('Backstep Drift')).toEqual([]);
  });
});

describe('a later release', () => {
  const release = async (taskDefinition: string): Promise<void> => {
    deployRelease(stack.account, { cluster: 'shop', service: 'checkout', taskDefinition });
    await stack.wait(300);
  };

  test('ends it, and pipelines are told what of it is in service', async () => {
    await report();
    await release('checkout:42');
    expect(notices('Backstep Drift Ended').map(({ detail }) => detail)).toEqual([
      expect.objectContaining({
        service: 'checkout',
        rollbackId,
        by: expect.objectContaining({ side: 'main', version: 'v2.14.4' }),
        rolledBackIsBack: true,
      }),
    ]);
    expect((await item())?.endedAt).toBeDefined();
    await release('checkout:41');
    expect(notices('Backstep Drift Ended')).toHaveLength(1);
  });

  test('ends nothing where nothing drifted', async () => {
    await release('checkout:42');
    expect(notices('Backstep Drift Ended')).toEqual([]);
  });
});
