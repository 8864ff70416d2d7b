import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../lib/domain/model.ts';
import { approvalSection } from '../../../lib/domain/report/approval.ts';
import { plan as verified } from './fixture.ts';

const plan = { ...verified, asksBecause: 'Slower by 35 %.' };
const entry = (kind: string, message: string): TimelineEntry => ({
  time: '2026-11-20T03:04:08.000Z',
  service: 'checkout',
  rollbackId: plan.rollbackId,
  kind,
  message,
});
const rows = (timeline: readonly TimelineEntry[]) =>
  approvalSection({ plan, timeline }).blocks.flatMap((block) => (block.kind === 'facts' ? block.rows : []));
const asked = entry('approval.requested', 'Asked ann, until 04:04: Slower by 35 %.');

test.each(['approved', 'declined', 'expired'])('%s: who was asked and why, and what came of it', (kind) => {
  expect(rows([asked, entry(`approval.${kind}`, 'In words.')])).toEqual([
    ['Why a person was asked', 'Slower by 35 %.'],
    ['Asked', '2026-11-20 03:04:08 UTC. Asked ann, until 04:04: Slower by 35 %.'],
    ['Answer', 'In words.'],
  ]);
});

test('ended before an answer: said so, with those who joined', () => {
  expect(rows([asked, entry('joined', 'a'), entry('joined', 'b')])).toEqual([
    expect.anything(),
    expect.anything(),
    ['Answer', 'None: the rollback ended before there was one.'],
    ['Joined by', '2 starts of the same service meanwhile'],
  ]);
});

test('there is no such section where nobody was asked', () => {
  expect(rows([entry('admitted', 'x')])).toEqual([]);
  expect(approvalSection({ plan: verified, timeline: [asked] }).blocks).toEqual([]);
});
