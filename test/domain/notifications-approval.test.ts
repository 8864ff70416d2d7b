import { describe, expect, test } from 'vitest';
import { approvalRequests, askedContacts, type QuestionFacts } from '../../lib/domain/notifications/approval.ts';
import { configuration, facts, plan } from './report/fixture.ts';

const asking = (more: Partial<QuestionFacts> = {}): QuestionFacts => ({
  context: facts.context,
  configuration,
  plan: { ...plan, asksBecause: 'The trigger asks a person.' },
  planSha256: 'ab'.repeat(32),
  now: '2026-11-20T03:04:07.000Z',
  expiresAt: '2026-11-20T04:04:07.000Z',
  ...more,
});

const bodyOf = (more: Partial<QuestionFacts> = {}): string => approvalRequests(asking(more))[0]?.body ?? '';

describe('the question', () => {
  test('says everything that a person needs to answer it', () => {
    expect(bodyOf()).toMatch(
      /^The alarm \S+ \(trigger errors\) started this\. Nothing was changed yet: a person has to say yes or no\.\n/,
    );
    expect(
      bodyOf().split('\n').slice(1).join('\n'),
    ).toBe(`Asked: incident_commander (commander@example.com), nobody_known.

Why you are asked: The trigger asks a person.

What would be done: roll back v2.8.0 (checkout:42) to v2.7.3 (checkout:41).
  1. Put main back on checkout:41. It is the newest good release.

What is not ok, or not known:
  not checked: migrations. Not looked at yet.

Until: 2026-11-20T04:04:07.000Z, 1 h from now. No answer means no: nothing is changed.

To answer, in a terminal:
  npx backstep approve checkout-20261120-030405-1f2e3d --reason "..."
  npx backstep decline checkout-20261120-030405-1f2e3d --reason "..."

Or in the console: Lambda, function backstep-production-answer, tab Test, with this event ("decline" for no):
  {"rollbackId":"checkout-20261120-030405-1f2e3d","decision":"approve","reason":"...","by":"your name","planSha256":"${'ab'.repeat(32)}"}

Rollback: checkout-20261120-030405-1f2e3d
Plan: ${'ab'.repeat(32)}
Execution: ${facts.context.executionArn}
`);
  });

  test('says what silence means where that is yes', () => {
    const policy = { ...configuration.policy, approvalDefault: 'approve' } as const;
    expect(bodyOf({ configuration: { ...configuration, policy } })).toContain(
      'No answer means yes: it is rolled back then.',
    );
  });

  test('goes to the engineers, and where the escalation contacts belong', () => {
    expect(approvalRequests(asking()).map(({ audience }) => audience)).toEqual(['technical']);
    const contacts = { incident_commander: { email: 'boss@example.com', audience: 'executive' } } as const;
    const told = approvalRequests(asking({ configuration: { ...configuration, contacts } }));
    expect(told.map(({ audience }) => audience)).toEqual(['technical', 'executive']);
    expect(new Set(told.map(({ body }) => body)).size).toBe(1);
  });

  test('of a start by hand names nobody in particular', () => {
    const { trigger: _alarm, ...request } = facts.context.request;
    const byHand = asking({ context: { ...facts.context, request } });
    expect(askedContacts(byHand)).toEqual([]);
    expect(approvalRequests(byHand)[0]?.body).not.toContain('Asked:');
  });

  test('has a subject that SNS takes', () => {
    expect(approvalRequests(asking())[0]?.subject).toBe(
      '[Approve?] checkout in production: roll back v2.8.0 (checkout:42) to v2.7.3 (checkout:41)',
    );
  });
});
