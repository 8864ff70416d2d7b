import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricUnits } from '../../lib/config/schema.ts';
import { compileTrigger } from '../../lib/domain/triggers/compile.ts';
import { oneSide } from '../domain/triggers/facts.ts';
import { type Loose, minimal, parse } from './fixture.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'triggers.md'), 'utf8');
const blocks = [...page.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text = '']) => text);

describe('docs/triggers.md', () => {
  test('its triggers compile', () => {
    const triggers: Loose[] = blocks.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text));
    expect(triggers.length).toBeGreaterThan(1);
    for (const fields of triggers) {
      expect(compileTrigger({ index: 0, fields }, oneSide)).toMatchObject({
        triggerId: fields.trigger_id,
        compiled: true,
      });
    }
  });

  test('its pieces of configuration are accepted', () => {
    const pieces: Loose[] = blocks.filter((text) => text.startsWith('"')).map((text) => JSON.parse(`{${text}}`));
    expect(pieces.flatMap((piece) => Object.keys(piece))).toEqual(['metrics', 'adoptedAlarms', 'runbookUrl']);
    for (const { metrics, adoptedAlarms, runbookUrl } of pieces) {
      const document = minimal((_, service) => {
        // The fixture's runbook has one trigger and one side; the page speaks of others.
        if (metrics) service.metrics = { error_rate: { ...Object.values(metrics as object)[0], unit: 'percent' } };
        if (runbookUrl) service.runbookUrl = runbookUrl;
        for (const [name, adopted] of Object.entries((adoptedAlarms ?? {}) as Loose)) {
          const known = { ...(adopted as object), triggerId: 'error_rate_spike', side: 'main' };
          service.adoptedAlarms = { ...service.adoptedAlarms, [name]: known };
        }
      });
      expect(parse(document).warnings).toEqual([]);
    }
  });

  test('names every unit', () => {
    for (const unit of metricUnits) expect(page).toContain(`\`${unit}\``);
  });

  test.each<[string, string, unknown, string, number]>([
    // metric, operator, value, condition, threshold: the rows of the table of values
    ['error_rate', 'greater_than', '5 percent', '', 5],
    ['error_rate', 'greater_than', 0.95, 'error_rate > 0.95%', 0.95],
    ['availability', 'less_than', '0.95', '', 0.95],
    ['error_rate', 'greater_than', '5 x baseline', '', 5],
    ['p95_response_time', 'greater_than', '1.5s', '', 1500],
    ['memory_growth_rate', 'greater_than', '60 MB per hour', '', 1_000_000],
    ['data_validation_failures', 'greater_than', '2 per second', '', 120],
  ])('%s %s %j (%s) means %d', (metric, operator, value, condition, threshold) => {
    const fields: Loose = {
      trigger_id: 't',
      condition,
      metric_threshold: { metric, operator, value, duration_minutes: 5 },
    };
    expect(page).toContain(String(value));
    expect(compileTrigger({ index: 0, fields }, oneSide).alarms[0]?.threshold).toBe(threshold);
  });
});
