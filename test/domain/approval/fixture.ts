/** A question of 03:00:05, open for an hour, and an answer to it. */
import type { Approval } from '../../../lib/domain/approval.ts';
import type { ApprovalAnswer } from '../../../lib/domain/states.ts';
import { at } from '../worlds.ts';

export const planSha256 = 'ab'.repeat(32);

export const approval = (more: Partial<Approval> = {}): Approval => ({
  service: 'checkout',
  rollbackId: 'checkout-20261120-030000-abc123',
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:1',
  planKey: 'plans/checkout-20261120-030000-abc123.json',
  planSha256,
  asksBecause: 'Slower by 35 %.',
  requestedAt: at('03:00:05'),
  expiresAt: at('04:00:05'),
  token: 'Y2lwaGVydGV4dA==',
  ...more,
});

type Given = Exclude<ApprovalAnswer, { decision: 'expired' }>;

export const answered = (more: Partial<Given> = {}): Given => ({
  decision: 'approve',
  by: 'arn:aws:sts::111122223333:assumed-role/oncall/ann',
  proven: true,
  reason: 'the numbers are clear',
  answeredAt: at('03:10:00'),
  planSha256,
  ...more,
});
