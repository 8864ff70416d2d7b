import type { Json } from '../../lib/domain/model.ts';
import { DeploymentFailed, type Template } from './template.ts';

/** What references resolve to. */
export interface Scope {
  readonly template: Template;
  /** Parameters and `AWS::…` pseudo parameters. */
  readonly values: ReadonlyMap<string, Json>;
  /** A resource's `Ref`. */
  ref(logicalId: string): Json;
  attribute(logicalId: string, name: string): Json;
}

/** Stands for `AWS::NoValue`: the property that has it is left out. */
const noValue = Symbol('AWS::NoValue');

type Resolved = Json | typeof noValue;
type Arguments = readonly Json[];

/** Resolves every intrinsic function in `value`. @throws DeploymentFailed on what is unknown */
export function resolve(value: Json, scope: Scope): Json {
  const resolved = inner(value, scope);
  return resolved === noValue ? null : resolved;
}

/** Evaluates a named condition of the template. */
export function holds(condition: string, scope: Scope): boolean {
  const body = scope.template.Conditions?.[condition];
  if (body === undefined) throw new DeploymentFailed(`The template has no condition ${condition}.`);
  return truth(body, scope);
}

function inner(value: Json, scope: Scope): Resolved {
  if (Array.isArray(value)) {
    return value.map((item) => inner(item, scope)).filter((item): item is Json => item !== noValue);
  }
  if (value === null || typeof value !== 'object') return value;
  const [key, ...others] = Object.keys(value);
  if (key !== undefined && others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
    return call(key, value[key] ?? null, scope);
  }
  const entries = Object.entries(value).map(([name, item]) => [name, inner(item, scope)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== noValue));
}

function call(name: string, argument: Json, scope: Scope): Resolved {
  if (name === 'Fn::If') {
    const [condition, yes, no] = argument as [string, Json, Json];
    return inner(holds(condition, scope) ? yes : no, scope);
  }
  if (name === 'Ref') return reference(String(argument), scope);
  const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!run) throw new DeploymentFailed(`The intrinsic function ${name} is not implemented.`);
  return run(argument, scope);
}

function reference(name: string, scope: Scope): Resolved {
  if (name === 'AWS::NoValue') return noValue;
  const value = scope.values.get(name);
  if (value !== undefined) return value;
  if (name.startsWith('AWS::')) throw new DeploymentFailed(`The pseudo parameter ${name} is not implemented.`);
  return scope.ref(name);
}

const functions: Readonly<Record<string, (argument: Json, scope: Scope) => Json>> = {
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId = '', ...names] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return scope.attribute(logicalId, names.join('.'));
  },
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [separator, items] = list(argument, scope) as [string, Json[]];
    return items.map(text).join(separator);
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(argument, scope) as [number | string, Json[]];
    const item = items[Number(index)];
    if (item === undefined) throw new DeploymentFailed(`Fn::Select finds nothing at ${index}.`);
    return item;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, whole] = list(argument, scope) as [string, string];
    return text(whole).split(separator);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(argument, scope).map(text) as [string, string, string];
    const found = scope.template.Mappings?.[map]?.[first]?.[second];
    if (found === undefined) throw new DeploymentFailed(`The mapping ${map}/${first}/${second} does not exist.`);
    return found;
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolve(argument, scope))).toString('base64'),
  'Fn::Equals': (argument, scope) => truth({ 'Fn::Equals': argument }, scope),
};

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}`; names may come from the function's own map. */
function substitute(argument: Json, scope: Scope): Json {
  const [pattern, own = {}] = (Array.isArray(argument) ? argument : [argument]) as [string, { [key: string]: Json }?];
  return pattern.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return text(resolve(own[name] ?? null, scope));
    if (!scope.values.has(name) && name.includes('.')) return text(resolve({ 'Fn::GetAtt': name }, scope));
    return text(resolve({ Ref: name }, scope));
  });
}

function truth(condition: Json, scope: Scope): boolean {
  const [[name, argument] = ['', null]] = Object.entries(condition as { [key: string]: Json });
  switch (name) {
    case 'Condition':
      return holds(String(argument), scope);
    case 'Fn::Equals': {
      const [left, right] = list(argument, scope);
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case 'Fn::Not':
      return !(argument as Arguments).some((one) => truth(one, scope));
    case 'Fn::And':
      return (argument as Arguments).every((one) => truth(one, scope));
    case 'Fn::Or':
      return (argument as Arguments).some((one) => truth(one, scope));
    default:
      throw new DeploymentFailed(`The condition function ${name} is not implemented.`);
  }
}

function list(argument: Json, scope: Scope): Json[] {
  const resolved = resolve(argument, scope);
  if (!Array.isArray(resolved)) throw new DeploymentFailed(`${JSON.stringify(argument)} is not a list.`);
  return resolved;
}

function text(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new DeploymentFailed(`${JSON.stringify(value)} is used as text.`);
}
