import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/domain/model.ts';
import { parseInput, refusal, serviceProblem, startInput } from '../../lib/domain/request.ts';
import { request, trigger } from './worlds.ts';

const problems = (input: Json): readonly string[] => {
  const result = parseInput(input, 'production');
  return result.ok ? [] : result.problems;
};

const parsed = (input: Json) => {
  const result = parseInput(input, 'production');
  if (!result.ok) throw new Error(result.problems.join(' '));
  return result.input;
};

describe('input that is fine', () => {
  test('a service alone gets every default', () => {
    expect(parsed({ service: 'checkout' })).toEqual({
      service: 'checkout',
      request: {
        version: 'previous',
        strategy: 'auto',
        scope: 'app',
        backup: true,
        dryRun: false,
        reason: '',
        confirmed: false,
      },
    });
  });

  test('every field arrives', () => {
    const { request: read } = parsed({
      service: 'checkout',
      version: 'v1',
      strategy: 'rolling',
      scope: 'app',
      backup: false,
      timeout: 600,
      dryRun: true,
      reason: 'errors',
      confirm: 'ROLLBACK PRODUCTION',
      environment: 'production',
    });
    expect(read).toEqual({
      version: 'v1',
      strategy: 'rolling',
      scope: 'app',
      backup: false,
      timeoutSeconds: 600,
      dryRun: true,
      reason: 'errors',
      confirmed: true,
    });
  });

  test.each(['2026-11-20T03:04:05Z', '2026-11-20T03:04:05.000+0000', '2026-11-20T04:04:05+01:00'])(
    'an alarm’s time %s becomes UTC',
    (time) => {
      const event = { alarmName: 'a', alarmArn: 'arn', state: 'ALARM', time, eventId: 'e' };
      expect(parsed({ trigger: event }).triggerEvent).toEqual({
        alarmName: 'a',
        alarmArn: 'arn',
        time: '2026-11-20T03:04:05.000Z',
        eventId: 'e',
      });
    },
  );
});

test('a rollback is taken over by a person, never by an alarm', () => {
  expect(parsed({ service: 'checkout', takeOver: 'checkout-1' }).request.takeOver).toBe('checkout-1');
  const event = { alarmName: 'a', alarmArn: 'arn', state: 'ALARM', time: '2026-11-20T03:04:05Z', eventId: 'e' };
  expect(problems({ trigger: event, takeOver: 'checkout-1' })).toEqual([
    '"takeOver" goes with a start by hand only: leave "trigger" out.',
  ]);
  expect(problems({ service: 'checkout', takeOver: true })[0]).toContain('"takeOver" is true');
});

test.each<[string, Json]>([
  ['version', 'revision-7'],
  ['version', 'previous'],
  ['strategy', 'instant'],
  ['scope', 'app'],
  ['backup', false],
  ['timeout', 300],
  ['confirm', 'ROLLBACK PRODUCTION'],
])('an alarm’s start rolls back as deployed: %s %j is a person’s choice', (name, value) => {
  const event = { alarmName: 'a', alarmArn: 'arn', state: 'ALARM', time: '2026-11-20T03:04:05Z', eventId: 'e' };
  expect(problems({ service: 'checkout', [name]: value, trigger: event })).toEqual([
    `"${name}" goes with a start by hand only: leave "trigger" out.`,
  ]);
  expect(problems({ service: 'checkout', dryRun: true, trigger: event })).toEqual([]);
});

describe('input that is refused', () => {
  test.each<[string, Json, string]>([
    ['no object', 'checkout', 'The input is "checkout", expected a JSON object.'],
    ['a list', [], 'The input is [], expected a JSON object.'],
    ['dryRun as a string', { dryRun: 'true' }, '"dryRun" is "true": write true or false, without quotes, here true.'],
    ['backup as a number', { backup: 1 }, '"backup" is 1: write true or false, without quotes.'],
    [
      'timeout as a string',
      { timeout: '300' },
      '"timeout" is "300": write whole seconds from 60 to 7200, without quotes.',
    ],
    ['timeout too short', { timeout: 59 }, '"timeout" is 59: write whole seconds from 60 to 7200, without quotes.'],
    [
      'timeout in pieces',
      { timeout: 300.5 },
      '"timeout" is 300.5: write whole seconds from 60 to 7200, without quotes.',
    ],
    [
      'a strategy with a typing error',
      { strategy: 'roling' },
      '"strategy" is "roling": allowed are auto, rolling, blue-green, canary, instant, flags (did you mean "rolling"?).',
    ],
    ['a scope nobody knows', { scope: 'everything' }, '"scope" is "everything": allowed are app, app-db, full.'],
    ['an empty service', { service: ' ' }, '"service" is " ": it may not be empty.'],
    ['a service that is a number', { service: 7 }, '"service" is 7: write a string, in quotes.'],
    [
      'a wrong phrase',
      { confirm: 'rollback production' },
      '"confirm" is "rollback production": only "ROLLBACK PRODUCTION" is allowed, the phrase that confirms a rollback in production.',
    ],
    [
      'another environment',
      { environment: 'staging' },
      '"environment" is "staging": only "production" is allowed, the environment of this stack; another has a state machine of its own.',
    ],
    ['an unknown field', { dryrun: true }, '"dryrun" is no field: did you mean "dryRun"?'],
    ['a null', { version: null }, '"version" is null: write a string, in quotes.'],
  ])('%s', (_name, input, expected) => {
    expect(problems(input)).toContain(expected);
  });

  test('every problem is named at once', () => {
    expect(problems({ service: 1, dryRun: 'no', timeout: -1, x: 1 })).toHaveLength(4);
  });

  test('a document full of unknown fields gives a refusal that fits into a state', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, 1]));
    const found = problems({ service: 'checkout', ...many });
    expect(found.join(' ').length).toBeLessThan(2_000);
    expect(found.at(-1)).toBe('19995 more are no fields either.');
  });

  test('a field whose name is a pasted document is refused at once', () => {
    const startMs = performance.now();
    expect(problems({ ['x'.repeat(250_000)]: 1 })[0]).toMatch(/^"x+… is no field/);
    // Comparing it letter by letter with every field took seconds; a Lambda has less CPU than this machine.
    expect(performance.now() - startMs).toBeLessThan(500);
  });

  test.each([
    ['alarmName', 'a'.repeat(256)],
    ['alarmName', ''],
    ['alarmName', 'a\u0000b'],
    ['alarmArn', 'a'.repeat(1_601)],
    ['eventId', 'a\nb'],
    ['time', '+275760-09-13T00:00:00Z'],
    ['time', '0000-01-01T00:00:00Z'],
    ['time', 'soon'],
  ])('a trigger whose %s is not CloudWatch’s: %j', (field, value) => {
    const event = { alarmName: 'a', alarmArn: 'b', state: 'ALARM', time: '2026-11-20T03:04:05Z', eventId: 'c' };
    expect(problems({ trigger: { ...event, [field]: value } })[0]).toMatch(/^"trigger" is/);
  });

  test('a trigger written by hand without its strings', () => {
    expect(problems({ trigger: { alarmName: 'a' } })[0]).toContain('alarmName, alarmArn, state, time and eventId');
  });

  test('a pasted document is cut', () => {
    expect(problems({ version: 'x'.repeat(3_000) })[0]?.length).toBeLessThan(200);
  });
});

describe('the example in a refusal', () => {
  const anyInput = fc.dictionary(
    fc.constantFrom(
      'service',
      'version',
      'strategy',
      'scope',
      'backup',
      'timeout',
      'dryRun',
      'reason',
      'confirm',
      'environment',
      'trigger',
      'dryrun',
      'x',
    ),
    fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.integer(),
      fc.constantFrom('checkout', 'production', 'ROLLBACK PRODUCTION', 'rolling', 'app', null, 300),
      fc.object({ maxDepth: 1 }),
    ),
  ) as fc.Arbitrary<Record<string, Json>>;

  test('would always work', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const result = parseInput(input, 'production');
        if (result.ok) return;
        const { message, name } = refusal(result.problems, result.usable, ['checkout', 'search']);
        const example = JSON.parse(message.slice(message.lastIndexOf('This would work: ') + 17)) as Json;
        expect(name).toBe('InvalidInput');
        expect(problems(example)).toEqual([]);
        expect(['checkout', 'search']).toContain(parsed(example).service);
      }),
    );
  });

  test('keeps what was right', () => {
    const result = parseInput({ service: 'search', dryRun: 'true', version: 'v3' }, 'production');
    expect(result.ok).toBe(false);
    const { message } = refusal(result.ok ? [] : result.problems, result.usable, ['checkout', 'search']);
    expect(message).toMatch(/This would work: \{"service":"search","version":"v3"\}$/);
  });
});

describe('services', () => {
  test.each([
    [undefined, ['checkout', 'search'], '"service" is missing: production has checkout, search.'],
    [
      'chekout',
      ['checkout', 'search'],
      '"service" is "chekout": production has checkout, search. Did you mean "checkout"?',
    ],
    ['payments', ['checkout'], '"service" is "payments": production has checkout.'],
    ['checkout', [], 'production has no service yet: deploy one with Backstep first.'],
  ])('%s among %j', (service, services, expected) => {
    expect(serviceProblem(service, 'production', services)).toBe(expected);
  });
});

describe('what to paste after a rollback that ended ready', () => {
  test('is the same request, for real and with the phrase', () => {
    const asked = request({ version: 'v3', dryRun: true, timeoutSeconds: 600, reason: 'errors' });
    expect(startInput(asked, true)).toEqual({
      service: 'checkout',
      version: 'v3',
      timeout: 600,
      reason: 'errors',
      confirm: 'ROLLBACK PRODUCTION',
    });
  });

  test('names the alarm that asked', () => {
    const asked = request({ trigger: trigger({ autoExecute: false }) });
    expect(startInput(asked, false)).toEqual({
      service: 'checkout',
      version: 'previous',
      reason: 'Alarm backstep/production/checkout/errors/main',
    });
  });

  test('is input that is accepted', () => {
    for (const production of [true, false]) {
      expect(problems(startInput(request({ strategy: 'rolling', backup: false }), production))).toEqual([]);
    }
  });
});
