import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from './issues.ts';

export interface StackChoice {
  readonly name: string;
  readonly environment: string;
}

export interface ChosenStack {
  readonly stackName: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
}

/** The one stack that a scenario runs, with the account and region it is synthesized for. */
export function chooseStack(
  assemblyDir: string,
  stacks: readonly StackChoice[],
  wanted: string | undefined,
): ChosenStack {
  const environments = stacks.map(({ environment }) => environment);
  const fitting = stacks.filter(({ environment }) => wanted === undefined || environment === wanted);
  const [stack] = fitting;
  if (!stack || fitting.length > 1)
    throw new ScenarioError('The scenario', [
      {
        path: 'environment',
        found: wanted === undefined ? 'nothing' : `"${wanted}"`,
        allowed: `one environment of its configuration: ${environments.join(', ')}`,
      },
    ]);
  const manifest = JSON.parse(readFileSync(join(assemblyDir, 'manifest.json'), 'utf8'));
  const target: string = manifest.artifacts[stack.name]?.environment ?? '';
  const [, account, region] = /^aws:\/\/(\d{12})\/([a-z0-9-]+)$/.exec(target) ?? [];
  if (!account || !region)
    throw new Error(`The assembly does not say account and region of ${stack.name}: "${target}".`);
  return { stackName: stack.name, environment: stack.environment, account, region };
}
