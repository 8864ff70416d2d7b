/**
 * The rule of a composite alarm: `ALARM(…)`, `OK(…)` and `INSUFFICIENT_DATA(…)` of an alarm's name or ARN, TRUE, FALSE, AND,
 * OR, NOT and parentheses. NOT binds tightest, then AND, then OR.
 */
import { AwsError } from '../../service.ts';
import type { AlarmState } from './evaluation.ts';

export type AlarmRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly rule: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule };

/** @throws AwsError `ValidationError` for what CloudWatch would refuse, and for AT_LEAST, which is not simulated */
export function parseAlarmRule(text: string): AlarmRule {
  if (text !== text.trim() || text === '') {
    throw invalid('AlarmRule must not contain leading or trailing whitespace or be null');
  }
  if (text.length > 10_240) throw invalid('AlarmRule has at most 10240 characters');
  const tokens = tokenize(text);
  const rule = parseOr(tokens);
  if (tokens.length > 0) throw invalid(`AlarmRule: ${tokens[0]} is not expected here`);
  return rule;
}

/** Names or ARNs of the alarms in the rule, each once, in the order of the text. */
export function alarmsOf(rule: AlarmRule): string[] {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsOf(rule.rule);
    default:
      return [...new Set([...alarmsOf(rule.left), ...alarmsOf(rule.right)])];
  }
}

export function ruleHolds(rule: AlarmRule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !ruleHolds(rule.rule, stateOf);
    case 'and':
      return ruleHolds(rule.left, stateOf) && ruleHolds(rule.right, stateOf);
    case 'or':
      return ruleHolds(rule.left, stateOf) || ruleHolds(rule.right, stateOf);
  }
}

const invalid = (message: string) => new AwsError('ValidationError', message);

/** Names with spaces or parentheses stand in quotes. */
const tokenPattern = /\s*(?:("(?:[^"\\]|\\.)*")|([()])|([^\s()"]+))/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (!match) throw invalid(`AlarmRule: cannot be read from character ${at + 1} on`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function parseOr(tokens: string[]): AlarmRule {
  let left = parseAnd(tokens);
  while (tokens[0] === 'OR') {
    tokens.shift();
    left = { kind: 'or', left, right: parseAnd(tokens) };
  }
  return left;
}

function parseAnd(tokens: string[]): AlarmRule {
  let left = parseOne(tokens);
  while (tokens[0] === 'AND') {
    tokens.shift();
    left = { kind: 'and', left, right: parseOne(tokens) };
  }
  return left;
}

function parseOne(tokens: string[]): AlarmRule {
  const token = tokens.shift();
  if (token === 'NOT') return { kind: 'not', rule: parseOne(tokens) };
  if (token === 'TRUE' || token === 'FALSE') return { kind: 'constant', value: token === 'TRUE' };
  if (token === '(') {
    const rule = parseOr(tokens);
    expect(tokens, ')');
    return rule;
  }
  if (token === 'ALARM' || token === 'OK' || token === 'INSUFFICIENT_DATA') {
    expect(tokens, '(');
    const alarm = tokens.shift();
    if (alarm === undefined || alarm === '(' || alarm === ')') throw invalid(`AlarmRule: ${token} needs an alarm`);
    expect(tokens, ')');
    return { kind: 'state', state: token, alarm: unquoted(alarm) };
  }
  throw invalid(`AlarmRule: found ${token ?? 'the end'} where a condition is expected`);
}

function expect(tokens: string[], wanted: string): void {
  const found = tokens.shift();
  if (found !== wanted) throw invalid(`AlarmRule: found ${found ?? 'the end'} where ${wanted} is expected`);
}

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);
