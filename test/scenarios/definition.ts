import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../bin/synthesize.ts';
import type { Synthesize } from '../../simulator/scenario/run.ts';

/** The assembly with another definition of the rollback machine: what AWS's own limits and our own mistakes would do. */
export const withDefinition =
  (change: (definition: { TimeoutSeconds: number; States: Record<string, never> }) => void): Synthesize =>
  async (config, options) => {
    const { assemblyDir, stacks } = await synthesize(config, options);
    const copy = mkdtempSync(join(tmpdir(), 'backstep-ends-'));
    cpSync(assemblyDir, copy, { recursive: true });
    for (const file of readdirSync(copy).filter((name) => /^asset\..*\.json$/.test(name))) {
      const definition = JSON.parse(readFileSync(join(copy, file), 'utf8'));
      if (definition.StartAt !== 'Admit') continue;
      change(definition);
      writeFileSync(join(copy, file), JSON.stringify(definition));
    }
    return { assemblyDir: copy, stacks };
  };
