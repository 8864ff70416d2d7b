import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerFor, parseAnswer, type SentAnswer, whyRefused } from '../../../lib/domain/approval/answer.ts';
import { httpResponse, readRequest } from '../../../lib/domain/approval/http.ts';
import type { Approval } from '../../../lib/domain/approval.ts';
import type { Json } from '../../../lib/domain/model.ts';
import { at } from '../worlds.ts';
import { answered, approval, planSha256 } from './fixture.ts';

const signer = 'arn:aws:sts::111122223333:assumed-role/oncall/ann';
const body = { rollbackId: approval().rollbackId, decision: 'approve', reason: 'the numbers are clear' };

function sent(more: Record<string, Json> = {}, signedBy: string | undefined = signer): SentAnswer {
  const parsed = parseAnswer({ ...body, ...more }, signedBy);
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return parsed.answer;
}

const problem = (input: Json, signedBy: string | undefined = signer): string => {
  const parsed = parseAnswer(input, signedBy);
  return parsed.ok ? '' : `${parsed.refusal.statusCode} ${parsed.refusal.message}`;
};

describe('an answer', () => {
  test('tells the service by the id of the rollback, and who signed it', () => {
    expect(sent()).toEqual({
      service: 'checkout',
      rollbackId: approval().rollbackId,
      decision: 'approve',
      reason: 'the numbers are clear',
      by: signer,
      proven: true,
    });
    expect(sent({ rollbackId: 'a-b-20261120-1-20261120-030000-abc123' }).service).toBe('a-b-20261120-1');
  });

  test('that nothing signed says itself who gives it', () => {
    const parsed = parseAnswer({ ...body, by: ' Ann ' }, undefined);
    expect(parsed).toMatchObject({ ok: true, answer: { by: 'Ann', proven: false } });
  });

  test.each<[string, Json, string]>([
    [
      'a misspelt decision',
      { ...body, decision: 'aprove' },
      '"decision" is "aprove": allowed are approve, decline (did you mean "approve"?).',
    ],
    [
      'no decision',
      { rollbackId: body.rollbackId, reason: 'x' },
      '"decision" is missing: allowed are approve, decline.',
    ],
    ['no reason', { ...body, reason: '  ' }, '"reason" is "  ": it may not be empty.'],
    ['no rollback', { decision: 'approve', reason: 'x' }, '"rollbackId" is missing: the id of the rollback that asks.'],
    [
      'a service for an id',
      { ...body, rollbackId: 'checkout' },
      '"rollbackId" is "checkout": write the id of a rollback',
    ],
    ['an unknown field', { ...body, reson: 'x' }, '"reson" is no field: did you mean "reason"?'],
    ['a hash that is none', { ...body, planSha256: 'abc' }, '"planSha256" is "abc": write the 64 hexadecimal digits'],
    ['a name in a signed answer', { ...body, by: 'Bob' }, '"by" is no field'],
    ['no object', 'approve', 'The answer is "approve", expected a JSON object.'],
  ])('with %s is refused, naming the field, what was found and what is allowed', (_name, input, words) => {
    expect(problem(input)).toMatch(/^400 /);
    expect(problem(input)).toContain(words);
    expect(problem(input)).toContain(
      'This would work: {"rollbackId":"checkout-20261120-030405-1f2e3d","decision":"approve"',
    );
  });

  test('invoked directly needs a name', () => {
    expect(parseAnswer(body, undefined)).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('"by" is missing: nothing signed this answer') },
    });
  });

  test('of whatever form never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.option(fc.string(), { nil: undefined }), (input, signedBy) => {
        expect(parseAnswer(input as Json, signedBy).ok).toBe(false);
      }),
    );
  });
});

describe('held against the question', () => {
  const now = at('03:30:00');
  test('counts while that is open, with and without the plan’s hash', () => {
    expect(whyRefused(approval(), sent(), now)).toBeUndefined();
    expect(whyRefused(approval(), sent({ planSha256 }), now)).toBeUndefined();
  });

  test.each<[string, Approval | undefined, Record<string, Json>, string, number, string]>([
    ['no question', undefined, {}, now, 404, 'No question of rollback checkout-20261120-030000-abc123 waits'],
    [
      'another rollback’s question',
      approval({ rollbackId: 'checkout-20261120-031500-fff000' }),
      {},
      now,
      404,
      'checkout waits for an answer to checkout-20261120-031500-fff000.',
    ],
    [
      'an answered one',
      approval({ answer: answered() }),
      { decision: 'decline' },
      now,
      409,
      'answered already. Approved by arn:aws:sts::111122223333:assumed-role/oncall/ann at',
    ],
    [
      'one that expired',
      approval({ answer: { decision: 'expired' } }),
      {},
      now,
      410,
      'has expired. Nobody answered until',
    ],
    ['one past its time', approval(), {}, at('04:00:05'), 410, 'expired at 2026-11-20T04:00:05.000Z'],
    [
      'another plan',
      approval(),
      { planSha256: 'cd'.repeat(32) },
      now,
      409,
      `asks about plan ${planSha256}: read that one first`,
    ],
    ['one not asked yet', approval({ token: undefined as never }), {}, now, 409, 'is about to ask'],
  ])('%s: refused in clear words', (_name, question, more, when, statusCode, words) => {
    expect(whyRefused(question, sent(more), when)).toMatchObject({
      statusCode,
      message: expect.stringContaining(words),
    });
  });

  test('what the state machine gets carries the hash of the plan that was asked about', () => {
    expect(answerFor(sent(), approval(), at('03:10:00'))).toEqual(answered());
  });
});

describe('the request', () => {
  const url = 'arn:aws:lambda:eu-west-1:111122223333:function:backstep-production-answer:signed';
  const direct = url.replace(':signed', '');
  const event = (more: Record<string, Json> = {}, method = 'POST'): Json => ({
    version: '2.0',
    requestContext: { http: { method }, authorizer: { iam: { userArn: signer } } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    ...more,
  });

  test('through the function URL is signed by whom AWS names', () => {
    expect(readRequest(event(), url)).toEqual({ http: true, signedBy: signer, body });
    const encoded = Buffer.from(JSON.stringify({ ...body, reason: 'zu langsam, größer' })).toString('base64');
    const request = readRequest(event({ body: encoded, isBase64Encoded: true }), url);
    expect(request).toMatchObject({ body: { reason: 'zu langsam, größer' } });
  });

  test('that claims a signature without having come through the URL is not believed', () => {
    const request = readRequest(event(), direct);
    expect(request).toEqual({ http: false, body: event() });
    if ('body' in request) expect(problem(request.body, undefined)).toContain('"requestContext" is no field');
  });

  test.each([
    ['that nobody signed', event({ requestContext: { http: { method: 'POST' } } }), 400, 'sign it with IAM'],
    ['that a mail scanner fetches', event({}, 'GET'), 405, 'The method is GET: only POST is allowed.'],
    ['without JSON', event({ body: 'yes' }), 400, 'The body is not JSON.'],
    ['without a body', event({ body: null }), 400, 'The body is not JSON.'],
    ['without anything', null, 405, 'The method is missing'],
  ])('%s is refused', (_name, input, statusCode, words) => {
    expect(readRequest(input, url)).toMatchObject({
      http: true,
      refusal: { statusCode, message: expect.stringContaining(words) },
    });
  });

  test('is answered as HTTP', () => {
    expect(httpResponse({ statusCode: 410, message: 'Gone.' })).toEqual({
      statusCode: 410,
      headers: { 'content-type': 'application/json' },
      body: '{"statusCode":410,"message":"Gone."}',
    });
  });
});
