import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Measurement, Plan, Verdict } from '../../lib/domain/model.ts';
import type { VerifyProgress, VerifyResult } from '../../lib/domain/states.ts';
import {
  bakeIsOver,
  bakePassSeconds,
  judgeHealth,
  nextPass,
  overtimeSeconds,
  servingSides,
  unhealthyPassesLimit,
  worthTelling,
} from '../../lib/domain/verification.ts';
import { configuration, plan } from './report/fixture.ts';

const mitigatedAt = '2026-11-20T03:05:00.000Z';
const deadline = '2026-11-20T03:10:00.000Z';
const startMs = Date.parse(mitigatedAt);
const verdictOf = (result: Verdict['result']): Verdict => ({ result, measurements: [], reason: `It is ${result}.` });
const measurement = (ok: boolean | null): Measurement => ({
  name: 'm',
  value: ok === null ? null : 1,
  unit: '%',
  limit: 5,
  comparison: 'at most',
  ok,
  evidence: `m is ${ok}.`,
});

describe('judgeHealth', () => {
  test.each<[string, (boolean | null)[], (boolean | null)[], string[], Verdict['result']]>([
    ['traffic with good numbers', [true], [true], [], 'healthy'],
    ['one bad number', [true, false], [true], [], 'unhealthy'],
    ['a failed probe beside good traffic', [true], [false], [], 'unhealthy'],
    ['good probes without traffic', [null, null], [true], [], 'inconclusive'],
    ['some traffic numbers missing', [true, null], [], [], 'healthy'],
    ['nothing about traffic is asked, and the rest is good', [], [true], [], 'healthy'],
    ['nothing at all', [], [], [], 'inconclusive'],
    ['CloudWatch does not answer', [null], [true], ['Forbidden'], 'error'],
    ['CloudWatch does not answer, but a probe fails', [null], [false], ['Forbidden'], 'unhealthy'],
  ])('%s', (_what, traffic, others, problems, result) => {
    expect(judgeHealth(traffic.map(measurement), others.map(measurement), problems).result).toBe(result);
  });

  test('inconclusive says that no data is not bad data', () => {
    expect(judgeHealth([measurement(null)], []).reason).toMatch(/No data is not bad data/);
  });
});

/** Runs passes until one ends: `verdicts` one after the other, the last one for ever. */
function run(
  verdicts: Verdict['result'][],
  options: { bakeMinutes?: number; alarmOn?: (seconds: number) => boolean } = {},
) {
  let previous: VerifyProgress | null = null;
  let seconds = 0;
  const told: string[] = [];
  for (let pass = 0; pass < 200; pass++) {
    const verdict = verdictOf(verdicts[Math.min(pass, verdicts.length - 1)] ?? 'healthy');
    const now = new Date(startMs + seconds * 1000).toISOString();
    const facts = { previous, verdict, now, mitigatedAt, deadline, bakeMinutes: options.bakeMinutes ?? 30 };
    const on = bakeIsOver(facts) && options.alarmOn?.(seconds) ? { alarmOn: 'the-alarm' } : {};
    const result: VerifyResult = nextPass({ ...facts, ...on });
    if (worthTelling(previous, result)) told.push(verdict.result);
    if (result.status !== 'waiting') return { ...result, seconds, passes: pass + 1, told };
    expect(result.waitSeconds).toBeGreaterThanOrEqual(1);
    previous = result.progress;
    seconds += result.waitSeconds;
  }
  throw new Error('It never ends.');
}

describe('a rollback', () => {
  test('is verified once healthy for the whole bake, in about a pass a minute', () => {
    const { status, seconds, passes } = run(['inconclusive', 'healthy']);
    expect(status).toBe('verified');
    expect(seconds).toBe(90 + 30 * 60);
    expect(passes).toBeLessThanOrEqual(33);
  });

  test('without a bake it is verified by the first healthy verdict', () => {
    expect(run(['inconclusive', 'healthy'], { bakeMinutes: 0 })).toMatchObject({
      status: 'verified',
      passes: 2,
      seconds: 90,
    });
  });

  test('needs a person when no verdict is healthy until the deadline', () => {
    for (const result of ['inconclusive', 'unhealthy', 'error'] as const) {
      const { status, seconds, message } = run([result]);
      expect(status).toBe('needs-attention');
      expect(seconds).toBe(300);
      expect(message).toContain(`It is ${result}.`);
    }
  });

  test('one bad minute in the bake is chance, three in a row are not', () => {
    expect(run(['healthy', 'unhealthy', 'unhealthy', 'healthy']).status).toBe('verified');
    const bad = run(['healthy', 'unhealthy']);
    expect(bad).toMatchObject({ status: 'needs-attention', message: expect.stringMatching(/3 consecutive passes/) });
    expect(bad.seconds).toBe(unhealthyPassesLimit * bakePassSeconds);
  });

  test('an inconclusive pass between unhealthy ones does not clear them', () => {
    expect(run(['healthy', 'unhealthy', 'inconclusive', 'unhealthy', 'inconclusive', 'unhealthy']).status).toBe(
      'needs-attention',
    );
  });

  test('a bake without traffic proves nothing', () => {
    const { status, seconds, message } = run(['healthy', 'inconclusive']);
    expect(status).toBe('needs-attention');
    expect(seconds).toBe(30 * 60);
    expect(message).toMatch(/inconclusive.*nothing proves/);
  });

  test('an alarm that is still on holds it back, but not for ever', () => {
    const clears = run(['healthy'], { bakeMinutes: 0, alarmOn: (seconds) => seconds < 130 });
    expect(clears).toMatchObject({ status: 'verified', seconds: 180 });
    const stays = run(['healthy'], { bakeMinutes: 0, alarmOn: () => true });
    expect(stays).toMatchObject({
      status: 'needs-attention',
      message: expect.stringMatching(/the-alarm is still in ALARM/),
    });
    expect(stays.seconds).toBe(overtimeSeconds);
  });

  test('an unhealthy last minute is waited out', () => {
    const verdicts = [...Array<Verdict['result']>(30).fill('healthy'), 'unhealthy' as const, 'healthy' as const];
    const { status, seconds } = run(verdicts);
    expect(status).toBe('verified');
    expect(seconds).toBe(31 * 60);
  });

  test('tells what changes, not that it is still healthy', () => {
    expect(run(['inconclusive', 'healthy']).told).toEqual(['inconclusive', 'healthy', 'healthy']);
  });

  test('always ends, and verified only without open doubts', () => {
    const result = fc.constantFrom<Verdict['result']>('healthy', 'unhealthy', 'inconclusive', 'error');
    fc.assert(
      fc.property(
        fc.array(result, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (verdicts, bakeMinutes) => {
          const { status, progress, seconds } = run(verdicts, { bakeMinutes });
          if (status !== 'verified') return;
          expect(progress.consecutiveUnhealthy).toBe(0);
          expect(progress.inconclusivePasses * 2).toBeLessThanOrEqual(progress.passes);
          expect(seconds).toBeGreaterThanOrEqual(bakeMinutes * 60);
        },
      ),
    );
  });
});

describe('servingSides', () => {
  const sides = [
    { name: 'blue', cluster: 'shop', service: 'checkout-blue' },
    { name: 'green', cluster: 'shop', service: 'checkout-green' },
  ];
  const shift = {
    id: '2',
    type: 'ShiftTraffic',
    toSide: 'blue',
    description: '',
    reason: '',
    forward: [],
    reverse: [],
  } as const;
  const names = (actions: Plan['actions']) =>
    servingSides({ ...plan, actions }, { ...configuration, sides }).map(({ name }) => name);

  test('the side that received the traffic', () => expect(names([...plan.actions, shift])).toEqual(['blue']));
  test('the reverted side, where no traffic moved', () => {
    const revert = plan.actions[0];
    expect(revert?.type === 'RevertService' && names([{ ...revert, side: 'green' }])).toEqual(['green']);
  });
  test('every side, where nothing tells', () => expect(names([])).toEqual(['blue', 'green']));
});
