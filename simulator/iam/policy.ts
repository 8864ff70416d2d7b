/** IAM policy documents as the synthesized template holds them, checked once into statements. */

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

type OneOrMany = string | readonly string[];

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany | boolean | number>>>>;
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: { readonly patterns: readonly string[]; readonly not: boolean };
  readonly resources: { readonly patterns: readonly string[]; readonly not: boolean };
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** Without quantifier and `IfExists`. */
  readonly operator: ConditionOperator;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

const conditionOperators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Bool',
  'Null',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
] as const;

export type ConditionOperator = (typeof conditionOperators)[number];

/** @throws Error for anything the evaluation would not understand: a misread policy must never allow. */
export function parsePolicy(document: PolicyDocument): Statement[] {
  return list(document.Statement).map(parseStatement);
}

function parseStatement(statement: PolicyStatement): Statement {
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
    throw new Error(`IAM: Effect must be Allow or Deny, found ${JSON.stringify(statement.Effect)}`);
  return {
    effect: statement.Effect,
    actions: patterns('Action', statement.Action, statement.NotAction),
    resources: patterns('Resource', statement.Resource, statement.NotResource),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => parseCondition(operator, key, values)),
    ),
  };
}

function patterns(name: string, positive: OneOrMany | undefined, negative: OneOrMany | undefined) {
  const given = positive ?? negative;
  if (given === undefined || (positive !== undefined && negative !== undefined))
    throw new Error(`IAM: a statement needs exactly one of ${name} and Not${name}`);
  const found = list(given);
  for (const pattern of found) {
    if (typeof pattern !== 'string') throw new Error(`IAM: ${name} is not a string: ${JSON.stringify(pattern)}`);
    if (pattern.includes('${')) throw new Error(`IAM: policy variables are not simulated: ${pattern}`);
  }
  return { patterns: found, not: positive === undefined };
}

function parseCondition(operator: string, key: string, values: OneOrMany | boolean | number): Condition {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator);
  const base = match?.[2] ?? operator;
  if (!isOperator(base)) throw new Error(`IAM: condition operator ${operator} is not simulated (key ${key})`);
  return {
    operator: base,
    quantifier: match?.[1] as Condition['quantifier'],
    ifExists: match?.[3] !== undefined,
    key,
    values: (Array.isArray(values) ? values : [values]).map(String),
  };
}

const isOperator = (name: string): name is ConditionOperator =>
  (conditionOperators as readonly string[]).includes(name);

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
