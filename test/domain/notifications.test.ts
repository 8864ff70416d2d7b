import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../lib/domain/model.ts';
import { asciiSubject, fill, notificationsFor } from '../../lib/domain/notifications.ts';
import { byHand, configuration, facts, plan } from './report/fixture.ts';

const uri = 's3://bucket/reports/x/report.json';
const to = (changes: Partial<typeof facts>, audience: string) =>
  notificationsFor({ ...facts, ...changes }, uri).find((notification) => notification.audience === audience);

describe('who is told', () => {
  test.each<[Outcome, string[]]>([
    ['verified', ['technical', 'business', 'executive']],
    ['halted', ['technical', 'business', 'executive']],
    ['needs-attention', ['technical', 'business', 'executive']],
    ['ready', ['technical']],
    ['observed', ['technical']],
    ['blocked', ['technical']],
    ['duplicate', []],
  ])('%s by an alarm: %j', (outcome, audiences) => {
    expect(notificationsFor({ ...facts, outcome }, uri).map(({ audience }) => audience)).toEqual(audiences);
  });

  test('a person who planned by hand is not told what they see', () => {
    expect(notificationsFor(byHand({ outcome: 'ready' }), uri)).toEqual([]);
    expect(notificationsFor(byHand({ outcome: 'blocked' }), uri)).toHaveLength(1);
  });

  test('those who were asked hear how it ended, whoever started it', () => {
    const asked = byHand({
      outcome: 'declined',
      plan: { ...plan, asksBecause: 'Nobody has looked at the migrations.' },
    });
    expect(notificationsFor(asked, uri).map(({ audience }) => audience)).toEqual(['technical']);
  });
});

describe('the runbook’s template', () => {
  test('is used for its audience and outcome, filled from facts', () => {
    const message = to({}, 'technical');
    expect(message?.subject).toBe('Done: checkout v2.8.0 (checkout:42) - checkout-20261120-030405-1f2e3d');
    expect(message?.body).toMatch(/^It took 34 min\.\n- error rate of main is 0\.02 %/);
  });

  test('shows what is not known, and never a placeholder', () => {
    expect(to({}, 'technical')?.body).toContain('Room: (not known)');
    const emergency = to(
      { outcome: 'halted', failure: { state: 'CheckService', error: 'X', cause: 'why' } },
      'executive',
    );
    expect(emergency?.subject).toBe('Emergency in checkout (production)');
    expect(emergency?.body).toMatch(/halted: .*why \/ CheckService \/ Open the war room \/ \(not known\)/);
  });

  test('every message ends with report and execution', () => {
    for (const { body } of notificationsFor(facts, uri)) {
      expect(body).toMatch(/\n\nReport: s3:\/\/bucket\/reports\/x\/report\.json\nExecution: arn:aws:states:.*\n$/);
    }
  });

  test('where the runbook has none, ours: plain words for business, what to do for engineers', () => {
    expect(to({}, 'business')?.body).toMatch(
      /^A faulty release of checkout was taken back, and the service is healthy again\./,
    );
    expect(to({ outcome: 'halted' }, 'technical')?.body).toMatch(/What to do next:\n- See which side/);
  });

  test.each([
    null,
    [],
    {},
    { communication_templates: 'x' },
    { communication_templates: [null, { template_type: 'rollback_complete' }] },
  ])('a runbook that has %j gets ours', (document) => {
    const runbook = { ...configuration.runbook, document };
    expect(to({ configuration: { ...configuration, runbook } }, 'technical')?.subject).toMatch(
      /^\[Verified\] checkout/,
    );
  });
});

describe('fill', () => {
  test('what is filled in is not looked at again', () => {
    expect(fill('{a} {b}', { a: '{b}', b: 'x' })).toBe('{b} x');
  });

  test('names of Object.prototype are not known either', () => {
    expect(fill('{constructor} {__proto__}', {})).toBe('(not known) (not known)');
  });

  test('leaves no placeholder, whatever the template', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('{customer_impact}', '{rollback_id}', '{nobody_knows}'))),
        (parts) => {
          expect(fill(parts.join(''), { rollback_id: 'r1' })).not.toMatch(/\{\w+\}/);
        },
      ),
    );
  });
});

describe('asciiSubject', () => {
  test.each([
    ['Störung – älter\nals zuvor', 'Storung - alter als zuvor'],
    ['日本', '??'],
    ['', 'Backstep'],
  ])('%j becomes %j', (text, subject) => expect(asciiSubject(text)).toBe(subject));

  test('is always what SNS takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(asciiSubject(text)).toMatch(/^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$/);
      }),
    );
  });
});
