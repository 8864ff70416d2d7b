import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../lib/config/canonical.ts';
import { loadConfiguration } from '../../lib/config/load.ts';
import { parseRunbook } from '../../lib/config/runbook.ts';
import { directoryWith, minimal, smallRunbook } from './fixture.ts';

const parse = (source: string) => parseRunbook('runbook.json', source);
const fields = [
  'runbook_id',
  'migration_id',
  'created_at',
  'rollback_phases',
  'trigger_conditions',
  'data_recovery_plan',
  'communication_templates',
  'escalation_matrix',
  'validation_checklist',
  'post_rollback_procedures',
  'emergency_contacts',
];

describe('runbooks as they are found', () => {
  const text = JSON.stringify(smallRunbook);

  test.each<[string, string]>([
    ['plain', text],
    ['with a byte order mark', `\ufeff${text}`],
    ['under a page header', `Files\nteam/docs/runbook.json\n2026-03-12\n\n577 lines\n23 KiB\n\n${text}`],
    ['under a header with braces', `See {docs} and { "team": {"name": "shop"} } in set {1, 2}\n${text}`],
    ['under a header with an open brace', `if (ready) {\n${text}`],
    ['under a header with an open quote', `the "runbook { of today\n${text}`],
    ['with text after it', `${text}\n}\nEnd of page {1}`],
    ['in a Markdown fence', `# Runbook\n\n\`\`\`json\n${JSON.stringify(smallRunbook, null, 2)}\n\`\`\`\n`],
    ['with Windows line ends', JSON.stringify(smallRunbook, null, 2).replaceAll('\n', '\r\n')],
    ['after an object with one field of the same name', `{"created_at": "2026-01-01"}\n${text}`],
  ])('%s', (_, source) => {
    const { document, runbookId, triggers } = parse(source);
    expect(document).toEqual(smallRunbook);
    expect(runbookId).toBe('rb_1');
    expect(triggers).toHaveLength(1);
  });

  test('in UTF-16, as some shells write it', () => {
    const directory = directoryWith({
      'backstep.json': minimal(),
      'runbook.json': Buffer.from(`\ufeff${text}`, 'utf16le'),
    });
    const { environments } = loadConfiguration(join(directory, 'backstep.json'));
    expect(environments.production?.services.checkout?.runbook.document).toEqual(smallRunbook);
  });

  test('unknown fields, odd types and empty lists are kept', () => {
    const document = {
      ...smallRunbook,
      migration_id: { team: 1 },
      created_at: null,
      owner: [{}],
      __proto: 1,
      validation_checklist: [],
    };
    expect(parse(JSON.stringify(document)).document).toEqual(document);
  });

  test('lists may be missing or null: then there are no triggers', () => {
    expect(parse('{"runbook_id": 7}')).toMatchObject({ runbookId: '7', triggers: [] });
    expect(parse('{"runbook_id": "rb", "trigger_conditions": null}').triggers).toEqual([]);
  });

  test('numbers that JavaScript would change are kept as text, and the note says so', () => {
    const { document, notes } = parse('{\n"runbook_id": "rb",\n"migration_id": 12345678901234567890\n}');
    expect(document).toEqual({ runbook_id: 'rb', migration_id: '12345678901234567890' });
    expect(notes).toEqual([
      'runbook.json, line 3: the number 12345678901234567890 has more digits than a number keeps, so it is kept as text',
    ]);
  });

  test('header and footer of any text change nothing, whatever its braces', () => {
    const line = fc.stringMatching(/^[\w {}[\]",:'\\]{0,40}$/);
    fc.assert(
      fc.property(line, line, (before, after) => {
        expect(parse(`${before}\n${text}\n${after}`).document).toEqual(smallRunbook);
      }),
    );
  });
});

describe('a runbook broken in one way', () => {
  const broken = (change: object) => JSON.stringify({ ...smallRunbook, ...change });

  test.each<[string, string, string]>([
    ['empty', ' \n', 'runbook.json#: found an empty file, allowed: a rollback runbook: a JSON object'],
    [
      'no JSON',
      'Rollback: call Anna.',
      'runbook.json#: found no JSON object, allowed: a rollback runbook: a JSON object',
    ],
    [
      'another document',
      '{"name": "checkout", "version": 3}',
      `runbook.json#: found an object with the keys name, version, allowed: a rollback runbook with the fields ${fields.join(', ')}`,
    ],
    [
      'an empty object',
      '{}',
      `runbook.json#: found an empty object, allowed: a rollback runbook with the fields ${fields.join(', ')}`,
    ],
    [
      'a missing comma',
      'Page 1\n{\n  "runbook_id": "rb_1"\n  "trigger_conditions": []\n}',
      'runbook.json, line 4, column 3: found "\\"", allowed: a comma or the closing brace',
    ],
    [
      'cut off',
      '{"runbook_id": "rb_1", "trigger_conditions": [',
      'runbook.json, line 1, column 47: found the end of the file, allowed: a value: an object, a list, a string in double quotes, a number, true, false or null',
    ],
    [
      'a comma too many',
      '{"runbook_id": "rb_1", "trigger_conditions": [],}',
      'runbook.json, line 1, column 49: found "}", allowed: a key in double quotes',
    ],
    [
      'a key twice',
      '{"runbook_id": "rb_1",\n "runbook_id": "rb_2"}',
      'runbook.json, line 2, column 2: found "\\"", allowed: each key once, but "runbook_id" stands here again',
    ],
    [
      'no identifier',
      broken({ runbook_id: undefined }),
      'runbook.json#runbook_id: found nothing, allowed: the identifier of the runbook, a string',
    ],
    [
      'triggers as object',
      broken({ trigger_conditions: { error_rate_spike: {} } }),
      'runbook.json#trigger_conditions: found an object, allowed: a list, or nothing',
    ],
    [
      'phases as text',
      broken({ rollback_phases: 'see wiki' }),
      'runbook.json#rollback_phases: found "see wiki", allowed: a list, or nothing',
    ],
    [
      'escalation as list',
      broken({ escalation_matrix: ['level_1'] }),
      'runbook.json#escalation_matrix: found a list of 1, allowed: an object, or nothing',
    ],
    [
      'templates as number',
      broken({ communication_templates: 5 }),
      'runbook.json#communication_templates: found 5, allowed: a list, or nothing',
    ],
  ])('%s', (_, source, message) => {
    expect(() => parse(source)).toThrow(`runbook.json cannot be used: 1 problem.\n  ${message}`);
  });

  test('its problems appear among those of the configuration that names it', () => {
    const directory = directoryWith({
      'backstep.json': minimal((_, s) => {
        s.policy = { bakeMinutes: 2000 };
      }),
      'runbook.json': '{"title": "none"}',
    });
    expect(() => loadConfiguration(join(directory, 'backstep.json'))).toThrow(
      /^backstep\.json cannot be used: 2 problems\.\n {2}environments\.production\.services\.checkout\.policy\.bakeMinutes: found 2000, .*\n {2}runbook\.json#: found an object with the keys title, /,
    );
  });
});

const seeds = join(import.meta.dirname, '..', '..', '..', 'shared', 'seeds');
const seed = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith('004_')) : undefined;

describe.skipIf(!seed)(
  'the runbook of the original documents, exactly as its file lies (skipped where it is not at hand)',
  () => {
    const path = join(seeds, seed ?? '');
    const source = seed ? readFileSync(path, 'utf8') : '';

    test('keeps all eleven fields, every value as it stands in the file', () => {
      const { document } = parse(source);
      expect(Object.keys(document as object)).toEqual(fields);
      // The platform's own reader on the same characters: nothing of ours decides what lossless means.
      expect(document).toEqual(JSON.parse(source.slice(source.indexOf('\n{') + 1)));
      expect(JSON.parse(canonicalJson(document))).toEqual(document);
    });

    test('its five triggers become alarms', () => {
      const directory = directoryWith({
        'backstep.json': minimal((_, s) => {
          s.runbook = 'runbook.txt';
        }),
        'runbook.txt': readFileSync(seed ? path : import.meta.filename),
      });
      const { triggers } =
        loadConfiguration(join(directory, 'backstep.json')).environments.production?.services.checkout ?? {};
      expect(
        triggers?.map(({ triggerId, compiled, autoExecute, alarms }) => ({
          triggerId,
          compiled,
          autoExecute,
          alarms: alarms.map(({ comparison, threshold, evaluationPeriods }) => [
            comparison,
            threshold,
            evaluationPeriods,
          ]),
        })),
      ).toEqual([
        { triggerId: 'error_rate_spike', compiled: true, autoExecute: true, alarms: [['GreaterThanThreshold', 5, 5]] },
        {
          triggerId: 'response_time_degradation',
          compiled: true,
          autoExecute: false,
          alarms: [['GreaterThanThreshold', 1500, 10]],
        },
        {
          triggerId: 'availability_drop',
          compiled: true,
          autoExecute: true,
          alarms: [
            ['LessThanThreshold', 0.95, 2],
            ['LessThanThreshold', 1, 2],
          ],
        },
        {
          triggerId: 'data_integrity_failure',
          compiled: true,
          autoExecute: true,
          alarms: [['GreaterThanThreshold', 0, 1]],
        },
        {
          triggerId: 'migration_progress_stalled',
          compiled: true,
          autoExecute: false,
          alarms: [['GreaterThanOrEqualToThreshold', 1, 30]],
        },
      ]);
    });
  },
);
