/**
 * What a target receives. A template's `<x>` is replaced as it stands: unquoted it becomes JSON, within a string the
 * bare text, unescaped. So a quote in the value breaks the document, here as in AWS.
 */
import type { BusEvent, Rule, RuleTarget } from './rule.ts';

/** @returns JSON text */
export function inputFor(target: RuleTarget, event: BusEvent, rule: Rule, ingestionTime: string): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(select(event, target.inputPath) ?? null);
  if (!target.inputTransformer) return JSON.stringify(event);
  const { inputPathsMap = {}, inputTemplate } = target.inputTransformer;
  const values = new Map<string, unknown>(reserved(event, rule, ingestionTime));
  for (const [name, path] of Object.entries(inputPathsMap)) values.set(name, select(event, path));
  return fill(inputTemplate, values);
}

/** @throws Error for a transformer that EventBridge would refuse */
export function checkTransformer(target: RuleTarget): void {
  const { inputPathsMap = {}, inputTemplate } = target.inputTransformer ?? { inputTemplate: '' };
  if (Object.keys(inputPathsMap).length > 100) throw new Error(`Target ${target.id}: at most 100 input paths`);
  for (const [name, path] of Object.entries(inputPathsMap)) {
    if (name.startsWith('AWS.')) throw new Error(`Target ${target.id}: input path names may not start with AWS.`);
    parsePath(path);
  }
  for (const [, name = ''] of inputTemplate.matchAll(variables))
    if (!(name in inputPathsMap) && !reservedNames.has(name))
      throw new Error(`Target ${target.id}: InputTemplate uses <${name}>, which is not in InputPathsMap`);
  if (inputTemplate.length > 8192) throw new Error(`Target ${target.id}: InputTemplate is longer than 8192 characters`);
}

const variables = /<([A-Za-z0-9_.-]+)>/g;
const variableHere = /<([A-Za-z0-9_.-]+)>/y;

const reservedNames = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

function reserved(event: BusEvent, rule: Rule, ingestionTime: string): [string, unknown][] {
  const { detail: _detail, ...withoutDetail } = event;
  return [
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', ingestionTime],
    ['aws.events.event', withoutDetail],
    ['aws.events.event.json', event],
  ];
}

/** Walks the template and remembers whether it stands inside a JSON string. */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  let output = '';
  let inString = false;
  let position = 0;
  while (position < template.length) {
    variableHere.lastIndex = position;
    const match = variableHere.exec(template);
    if (match && values.has(match[1] as string)) {
      output += render(values.get(match[1] as string), inString);
      position += match[0].length;
      continue;
    }
    const char = template[position] as string;
    if (char === '\\' && inString) {
      output += template.slice(position, position + 2);
      position += 2;
      continue;
    }
    if (char === '"') inString = !inString;
    output += char;
    position += 1;
  }
  return output;
}

/** A path that leads nowhere gives nothing at all: in a string the empty text, outside of one an empty string. */
function render(value: unknown, inString: boolean): string {
  if (value === undefined) return inString ? '' : '""';
  if (inString) return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function select(event: unknown, path: string): unknown {
  let value = event;
  for (const step of parsePath(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** `$.detail.state.value`, `$.resources[0]`, `$.detail-type`. */
function parsePath(path: string): string[] {
  const steps = path.match(/^\$|\.[^.[\]]+|\[\d+\]/g) ?? [];
  if (steps.join('') !== path || steps[0] !== '$')
    throw new Error(`Invalid JSON path in an input transformer: ${path}`);
  return steps.slice(1).map((step) => step.replace(/^\.|^\[|\]$/g, ''));
}
