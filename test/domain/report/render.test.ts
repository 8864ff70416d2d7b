import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../lib/domain/model.ts';
import type { Report } from '../../../lib/domain/report/content.ts';
import type { ReportFacts } from '../../../lib/domain/report/facts.ts';
import { html } from '../../../lib/domain/report/html.ts';
import { markdown } from '../../../lib/domain/report/markdown.ts';
import { reportContent } from '../../../lib/domain/report/sections.ts';
import { byHand, facts } from './fixture.ts';

const md = (changes: Partial<ReportFacts> = {}): string => markdown(reportContent({ ...facts, ...changes }));

/** The text below a heading, up to the next. */
function section(text: string, title: string): string {
  const found = text.split(/^## /m).find((part) => part.startsWith(title));
  expect(found, `section ${title}`).toBeDefined();
  return found ?? '';
}

describe('report.md of a verified rollback', () => {
  test('the first lines say what happened, to what, and why', () => {
    const [title, , summary] = md().split('\n');
    expect(title).toMatch(/checkout in production: rolled back and healthy, v2\.8\.0 \(checkout:42\) to v2\.7\.3/);
    expect(summary).toMatch(/Verified.*alarm backstep\/production\/checkout\/errors.*34 min/);
  });

  test('what to do next reminds of the forward fix and of the pipeline', () => {
    const text = section(md(), 'What to do next');
    expect(text).toMatch(/Fix forward.*v2\.8\.0/);
    expect(text).toMatch(/Hold the pipeline/);
  });

  test('steps are numbered and timed', () => {
    expect(section(md(), 'Steps')).toMatch(
      /1\/1 done.*Put main back on checkout:41.*03:04:07.*1 min 20 s.*4 of 4 tasks/,
    );
  });

  test('a check that nobody made says so', () => {
    expect(section(md(), 'Checks')).toMatch(/not checked \| migrations/);
  });

  test('the verification quotes number and limit', () => {
    expect(section(md(), 'Verification')).toMatch(/0\.02 %.*at most 2\.5 %/);
  });

  test('the alarms say that the fallback stood in for a baseline', () => {
    expect(section(md(), 'Alarms')).toMatch(/No baseline is published yet.*error rate 0\.5 %.*250 ms/);
  });

  test.each([
    [
      'the published baseline that limits followed, and from when it is',
      '2026-11-20T23:00:00.000Z',
      /Limits that follow a baseline follow the published one: error rate 0\.2 %, p95 response time 140 ms, learned from 58 minutes between/,
    ],
    [
      'that its points had run out',
      '2026-11-20T00:00:00.000Z',
      /The last baseline was published for 2026-11-20T00:00:00\.000Z; since then the configured fallback stands in/,
    ],
  ])('the alarms say %s', (_what, publishedUntil, words) => {
    const values = { errorRatePercent: 0.2, p95ResponseTimeMs: 140, p99ResponseTimeMs: 300, availability: 0.998 };
    const window = { from: '2026-11-20T01:00:00.000Z', to: '2026-11-20T02:00:00.000Z' };
    const baseline = { values, window, minutes: 58, learnedAt: window.to };
    const record = { decision: 'freeze', reasons: ['Young.'], decidedAt: window.to, baseline, publishedUntil } as const;
    expect(section(md({ ...facts, baseline: record }), 'Alarms')).toMatch(words);
  });

  test('the timeline is whole and in order', () => {
    const kinds = [...section(md(), 'Timeline').matchAll(/^\| [\d:]{8} \| (\S+)/gm)].map((match) => match[1]);
    expect(kinds).toEqual(facts.timeline.map((entry) => entry.kind));
  });

  test('what was seen several times in a row is one line', () => {
    const [first] = facts.timeline;
    const again = [0, 10, 20].map((second) => ({
      ...first,
      time: `2026-11-20T03:04:${String(second).padStart(2, '0')}.000Z`,
    }));
    const text = section(md({ timeline: again as typeof facts.timeline }), 'Timeline');
    expect(text).toMatch(/\| 03:04:00 \| admitted \| .*\(3 times until 03:04:20\) \|/);
    expect(text.match(/admitted/g)).toHaveLength(1);
  });

  test('people tick the runbook’s own lists', () => {
    expect(section(md(), 'Validation checklist')).toContain('- [ ] Orders arrive');
    expect(section(md(), 'Procedures')).toContain('- [ ] Write the post-mortem');
  });
});

describe('report.md of other outcomes', () => {
  const outcomes: Outcome[] = [
    'ready',
    'already-at-target',
    'duplicate',
    'observed',
    'declined',
    'blocked',
    'halted',
    'needs-attention',
  ];
  test.each(outcomes)('%s says what to do next', (outcome) => {
    const text = md({ outcome });
    expect(section(text, 'What to do next').split('\n- ').length).toBeGreaterThan(1);
    expect(text).toContain(facts.reason.slice(0, 20));
  });

  test('one that changed nothing speaks of no forward fix, and a short one is short', () => {
    const text = md({ outcome: 'observed', plan: null, checkpoint: null, verdict: null, timeline: [] });
    expect(text).not.toMatch(/Fix forward|## Steps|## Verification|## Checks|## Timeline/);
    expect(text).toMatch(
      /start backstep-production-rollback with \{"service":"checkout",.*"confirm":"ROLLBACK PRODUCTION"\}/,
    );
  });

  test('ready shows the input to paste', () => {
    const text = markdown(reportContent(byHand({ outcome: 'ready' })));
    expect(text).toMatch(/```json\n\{[^`]*"confirm": "ROLLBACK PRODUCTION"[^`]*\}\n```/);
  });

  test('a step that never came to an end is named', () => {
    const timeline = facts.timeline.slice(0, 4);
    expect(section(md({ outcome: 'halted', timeline }), 'Steps')).toContain('1/1 not finished');
    expect(section(md({ outcome: 'halted', timeline: [] }), 'Steps')).toContain('1/1 not started');
  });

  test('stickiness that was on is spoken of, since cookies outlive the rollback', () => {
    const rules = (facts.checkpoint?.rules ?? []).map((rule) => ({
      ...rule,
      stickiness: { enabled: true, durationSeconds: 60 },
    }));
    const shift = {
      id: '1',
      type: 'ShiftTraffic' as const,
      toSide: 'blue',
      description: 'Send traffic to blue.',
      reason: '',
      forward: [],
      reverse: [],
    };
    const text = md({
      checkpoint: facts.checkpoint && { ...facts.checkpoint, rules },
      plan: facts.plan && { ...facts.plan, actions: [shift] },
    });
    expect(section(text, 'What to do next')).toMatch(/stickiness was switched off.*comes back by itself/);
  });

  test('a message that could not be sent is noted', () => {
    const text = md({ notices: [{ audience: 'business', sent: false, message: 'NotFound: no topic' }] });
    expect(section(text, 'Who was told')).toMatch(/failed \| business \| NotFound/);
  });
});

const hostile = (text: string): Report => ({
  title: text,
  tone: 'bad',
  badge: text,
  summary: text,
  footer: text,
  sections: [
    {
      title: text,
      blocks: [
        { kind: 'paragraph', text },
        { kind: 'list', items: [text] },
        { kind: 'tasks', items: [text] },
        { kind: 'facts', rows: [[text, text]] },
        { kind: 'table', columns: [text], rows: [{ cells: [text, text] }] },
        { kind: 'code', language: 'json', text },
      ],
    },
  ],
});

describe('whatever text comes from elsewhere', () => {
  const nasty = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '|', '\n', '#', '*', '[', ']', '(', ')', 'a', '\\', '/', '!'),
    }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '</style><b>',
      '```\n# x',
      'a\n# Heading\n- item',
    ),
  );

  test('no tag comes from it in HTML: the same elements as with harmless text', () => {
    const tags = (text: string): string[] => (text.match(/<\/?[a-z][^<>]*>/gi) ?? []).map((tag) => tag.toLowerCase());
    const expected = tags(html(hostile('harmless')));
    fc.assert(
      fc.property(nasty, (text) => {
        expect(tags(html(hostile(text)))).toEqual(expected);
      }),
    );
  });

  test('nothing of Markdown, which terminals show, moves the cursor or turns the direction of writing', () => {
    const text = markdown(hostile('a\u001b[2J \u009b2J \u202eb\rc\td'));
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
  });

  test('no line of Markdown begins with it, and no fence is closed by it', () => {
    const shape = (text: string): string[] =>
      text
        .replace(/^(`{3,})json\n[\s\S]*?\n\1$/gm, 'CODE')
        .split('\n')
        .map((line) => /^(#+ |- \[ \] |- |\| |\|---|---|CODE)?/.exec(line)?.[0] ?? '');
    const expected = shape(markdown(hostile('harmless')));
    fc.assert(
      fc.property(
        nasty.filter((text) => text.trim() !== ''),
        (text) => {
          expect(shape(markdown(hostile(text)))).toEqual(expected);
        },
      ),
    );
  });
});

test('report.html needs nothing from outside and runs nothing', () => {
  const text = html(reportContent(facts));
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).not.toMatch(/<script|<link|<img|<iframe|url\(|@import|src=/i);
  expect(text).toContain('prefers-color-scheme: dark');
});
