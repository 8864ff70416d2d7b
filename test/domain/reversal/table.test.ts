import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cells, kinds, lookUp, positions, states, table, tableMarkdown } from '../../../lib/domain/reversal/table.ts';

test('docs/reversal.md prints the table that decides', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reversal.md'), 'utf8');
  const printed = /<!-- table -->\n\n?([\s\S]*?)\n?\n<!-- \/table -->/.exec(page)?.[1];
  expect(printed).toBe(tableMarkdown());
});

describe('the table', () => {
  test('says one thing of each combination', () => {
    const keys = cells.map(({ kind, state, position }) => `${kind} ${state} ${position}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('knows every combination that facts can have', () => {
    const possible = {
      finished: ['there', 'elsewhere'],
      'under way': ['destination', 'source', 'elsewhere'],
      paused: ['destination', 'source', 'elsewhere'],
      'rolling back': ['destination', 'elsewhere'],
      'given up': ['there', 'elsewhere'],
    } as const;
    // Rolling deployments have no pauses, and nobody tells how an external controller's stand.
    const without = {
      rolling: ['paused'],
      daemon: ['paused'],
      external: states.filter((state) => state !== 'finished'),
    };
    for (const kind of kinds) {
      for (const state of states) {
        if ((without as Record<string, readonly string[]>)[kind]?.includes(state)) continue;
        for (const position of possible[state]) expect(lookUp(kind, state, position).why).toMatch(/\.$/);
      }
    }
  });

  test('refuses what cannot be', () => {
    expect(() => lookUp('external', 'paused', 'source')).toThrow('no external, paused, source');
    expect(positions).toHaveLength(4);
    expect(table.length).toBeLessThan(cells.length);
  });

  test('whoever owns the traffic is never updated behind its back', () => {
    for (const { kind, cell } of cells) {
      if (kind === 'CodeDeploy') expect(cell).not.toMatch(/service/);
      if (kind === 'external') expect(['nothing', 'refused']).toContain(cell);
      if (kind !== 'CodeDeploy') expect(cell).not.toMatch(/codedeploy/);
    }
  });
});
