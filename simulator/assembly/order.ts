import type { Json } from '../../lib/domain/model.ts';
import { DeploymentFailed, type TemplateResource } from './template.ts';

type Resources = Readonly<Record<string, TemplateResource>>;

/** Logical ids so that everything comes after what it depends on, otherwise as the template has it. */
export function creationOrder(resources: Resources): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, path: readonly string[]): void => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      throw new DeploymentFailed(`Circular dependency between resources: ${[...path, id].join(' -> ')}`);
    }
    state.set(id, 'open');
    for (const needed of dependencies(resources, id)) visit(needed, [...path, id]);
    state.set(id, 'done');
    order.push(id);
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return order;
}

function dependencies(resources: Resources, id: string): string[] {
  const resource = resources[id];
  const explicit = resource?.DependsOn ?? [];
  const found = new Set(typeof explicit === 'string' ? [explicit] : explicit);
  for (const name of references(resource?.Properties ?? {})) found.add(name);
  return [...found].filter((name) => Object.hasOwn(resources, name) && name !== id);
}

function* references(value: Json | { readonly [name: string]: Json }): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) yield* references(item);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === 'Ref') yield String(item);
    else if (key === 'Fn::GetAtt') yield Array.isArray(item) ? String(item[0]) : (String(item).split('.')[0] ?? '');
    else if (key === 'Fn::Sub') yield* substituted(item);
    yield* references(item);
  }
}

function* substituted(argument: Json): Generator<string> {
  const pattern = Array.isArray(argument) ? argument[0] : argument;
  for (const [, name = ''] of String(pattern).matchAll(/\$\{([^!}][^}]*)\}/g)) yield name.split('.')[0] ?? '';
}
