/** One synthesized assembly for all tests of the stack, and readers for its template. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../../bin/synthesize.ts';
import { loadConfiguration } from '../../lib/config/load.ts';

export const exampleConfig = 'examples/01-checkout/backstep.json';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type Resources = Readonly<Record<string, Resource>>;

export async function exampleStack(
  config = exampleConfig,
): Promise<{ assemblyDir: string; template: { Resources: Resources } }> {
  const { assemblyDir, stacks } = await synthesize(config);
  return { assemblyDir, template: readJson(join(assemblyDir, `${stacks[0]?.name}.template.json`)) };
}

export function exampleEnvironment(path = exampleConfig) {
  const { production } = loadConfiguration(path).environments;
  if (!production) throw new Error('The example has no production environment.');
  return production;
}

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Every statement of every identity policy, by the logical id of the role it applies to. */
export function statementsByRole(resources: Resources): Map<string, Statement[]> {
  const byRole = new Map<string, Statement[]>();
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::IAM::Role') {
      const policies = (Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
      add(
        id,
        policies.flatMap((policy) => policy.PolicyDocument.Statement),
      );
    }
    if (Type === 'AWS::IAM::Policy') {
      const { Roles, PolicyDocument } = Properties as {
        Roles: { Ref: string }[];
        PolicyDocument: { Statement: Statement[] };
      };
      for (const role of Roles) add(role.Ref, PolicyDocument.Statement);
    }
  }
  return byRole;

  function add(role: string, statements: readonly Statement[]): void {
    byRole.set(role, [...(byRole.get(role) ?? []), ...statements]);
  }
}

export const list = <T>(value: T | readonly T[]): T[] => (Array.isArray(value) ? [...value] : [value as T]);

/** The only resource of this type, or of this type with this part in its logical id. */
export function only(resources: Resources, type: string, part = ''): Resource & { readonly id: string } {
  const found = Object.entries(resources).filter(([id, resource]) => resource.Type === type && id.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} resources are ${type} with "${part}" in their id, not one.`);
  const [id, resource] = found[0] as [string, Resource];
  return { id, ...resource };
}
