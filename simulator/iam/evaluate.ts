/** The decision of identity-based policies: an explicit deny wins, then any allow, otherwise nothing is allowed. */
import type { Condition, ConditionOperator, Statement } from './policy.ts';

export interface AccessQuestion {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export function decide(statements: readonly Statement[], question: AccessQuestion): 'allow' | 'deny' | 'none' {
  const applying = statements.filter((statement) => applies(statement, question));
  if (applying.some((statement) => statement.effect === 'Deny')) return 'deny';
  return applying.length > 0 ? 'allow' : 'none';
}

function applies(statement: Statement, question: AccessQuestion): boolean {
  const { actions, resources } = statement;
  const action = actions.patterns.some((pattern) => like(pattern.toLowerCase(), question.action.toLowerCase()));
  if (action === actions.not) return false;
  const resource = resources.patterns.some((pattern) => like(pattern, question.resource));
  if (resource === resources.not) return false;
  return statement.conditions.every((condition) => holds(condition, question.context));
}

/** IAM's wildcards: `*` any characters, `?` exactly one. */
export function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** An ARN pattern matches part by part: a `*` never runs over a colon of the first five parts. */
function arnLike(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const found = arnParts(arn);
  return wanted.length === found.length && wanted.every((part, index) => like(part, found[index] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function holds(condition: Condition, context: AccessQuestion['context']): boolean {
  const key = Object.keys(context).find((name) => name.toLowerCase() === condition.key.toLowerCase());
  const present = key === undefined ? undefined : context[key];
  if (condition.operator === 'Null') return condition.values.includes(String(present === undefined));
  const negated = condition.operator.includes('Not');
  if (present === undefined)
    return condition.ifExists || condition.quantifier === 'ForAllValues' || (negated && !condition.quantifier);
  const found = typeof present === 'string' ? [present] : present;
  const matches = (value: string) => {
    const any = condition.values.some((wanted) => compare(condition.operator, wanted, value));
    return negated ? !any : any;
  };
  return condition.quantifier === 'ForAllValues' ? found.every(matches) : found.some(matches);
}

/** The positive comparison; negated operators are inverted by the caller, over all their values together. */
function compare(operator: ConditionOperator, wanted: string, found: string): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'StringNotEquals':
      return found === wanted;
    case 'StringEqualsIgnoreCase':
    case 'StringNotEqualsIgnoreCase':
    case 'Bool':
      return found.toLowerCase() === wanted.toLowerCase();
    case 'StringLike':
    case 'StringNotLike':
      return like(wanted, found);
    case 'ArnEquals':
    case 'ArnLike':
    case 'ArnNotEquals':
    case 'ArnNotLike':
      return arnLike(wanted, found);
    case 'NumericEquals':
    case 'NumericNotEquals':
      return Number(found) === Number(wanted);
    case 'NumericLessThan':
      return Number(found) < Number(wanted);
    case 'NumericLessThanEquals':
      return Number(found) <= Number(wanted);
    case 'NumericGreaterThan':
      return Number(found) > Number(wanted);
    case 'NumericGreaterThanEquals':
      return Number(found) >= Number(wanted);
    case 'Null':
      return false;
  }
}
