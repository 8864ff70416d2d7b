/** The definition that is carried out: what is installed, or, where Step Functions does not say, what this command brings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../lib/constructs/project.ts';
import type { Installation } from '../../../lib/domain/installation.ts';
import { parseDefinition } from '../../../simulator/states/check.ts';
import type { Definition } from '../../../simulator/states/definition.ts';
import type { Account } from '../../aws/account.ts';
import { Failure } from '../command.ts';

export interface Chosen {
  readonly definition: Definition;
  /** Where it is from, in a sentence. */
  readonly words: string;
}

export async function chooseDefinition(account: Account, installation: Installation): Promise<Chosen> {
  try {
    const text = await account.executions.definition(installation.stateMachineArn);
    if (text)
      return { definition: parseDefinition(text), words: 'Its states are those of the installed state machine.' };
    throw new Error('Step Functions answered without a definition');
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { definition: parseDefinition(shipped(installation)), words: shippedWords(installation, why) };
  }
}

/** @throws Failure where the installation does not name a function that the definition calls */
export function shipped({ functions, environment }: Pick<Installation, 'functions' | 'environment'>): string {
  const text = readFileSync(join(projectRoot, 'statemachines/rollback.asl.json'), 'utf8');
  const missing = new Set<string>();
  const filled = text.replace(/\$\{(\w+)Function\}/g, (placeholder, name: string) => {
    const arn = functions[name];
    if (arn === undefined) missing.add(name);
    return arn ?? placeholder;
  });
  if (missing.size === 0) return filled;
  throw new Failure(
    `The installation of ${environment} has no function ${[...missing].join(', ')}, which the states of this command call: it ` +
      `is of another version than ${ownVersion()}. Use the command of the version that is installed.`,
  );
}

function shippedWords({ version }: Installation, why: string): string {
  const own = ownVersion();
  const differs = version !== undefined && version !== own ? ` Installed is ${version}, which may have others.` : '';
  return `The installed state machine cannot be read (${why}): its states are those of this command, ${own}.${differs}`;
}

const ownVersion = (): string => JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version as string;
