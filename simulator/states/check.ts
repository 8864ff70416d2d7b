import validate from 'asl-validator';
import type { Json } from '../../lib/domain/model.ts';
import type { Definition } from './definition.ts';
import { compile, expressions } from './expression.ts';
import { isImplemented } from './resources/table.ts';

/** Fields that carry templates: their expressions have to parse. */
const templates = new Set([
  'Arguments',
  'Assign',
  'Output',
  'Condition',
  'Seconds',
  'Timestamp',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Error',
  'Cause',
]);

const leaving = ['Assign', 'Output'];
const everyState = ['Type', 'Comment', 'QueryLanguage'];
const continuing = ['Next', 'End'];

const stateFields: Readonly<Record<string, readonly string[]>> = {
  Task: [
    ...everyState,
    ...leaving,
    ...continuing,
    'Resource',
    'Arguments',
    'TimeoutSeconds',
    'HeartbeatSeconds',
    'Retry',
    'Catch',
  ],
  Choice: [...everyState, ...leaving, 'Choices', 'Default'],
  Wait: [...everyState, ...leaving, ...continuing, 'Seconds', 'Timestamp'],
  Pass: [...everyState, ...leaving, ...continuing],
  Succeed: [...everyState, 'Output'],
  Fail: [...everyState, 'Error', 'Cause'],
};

const machineFields = ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'];
const retryFields = [
  'Comment',
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
];
const catchFields = ['Comment', 'ErrorEquals', 'Next', ...leaving];
const choiceFields = ['Comment', 'Condition', 'Next', ...leaving];

type Fields = { readonly [key: string]: Json };

/**
 * Reads a definition as CreateStateMachine does. What the interpreter does not implement is refused here, by name, so
 * that no workflow behaves differently for a field that was passed over.
 *
 * @throws Error with every problem found
 */
export function parseDefinition(text: string): Definition {
  // The validator takes a tenth of a second: a definition that passed once in this process has passed.
  const known = accepted.get(text);
  if (known) return known;
  const definition = JSON.parse(text) as Json;
  if (!isObject(definition)) throw new Error('Invalid state machine definition: it is not a JSON object.');
  const { isValid, errorsText } = validate(definition);
  const problems = isValid ? [] : [errorsText('\n')];
  problems.push(...machineProblems(definition));
  if (problems.length > 0) throw new Error(`Invalid state machine definition:\n${problems.join('\n')}`);
  accepted.set(text, definition as unknown as Definition);
  return definition as unknown as Definition;
}

const accepted = new Map<string, Definition>();

function machineProblems(machine: Fields): string[] {
  const problems = unknownFields(machine, machineFields, 'the state machine');
  if (machine.QueryLanguage !== 'JSONata')
    problems.push('QueryLanguage must be "JSONata": JSONPath is not implemented.');
  for (const [name, state] of Object.entries(isObject(machine.States) ? machine.States : {})) {
    if (isObject(state)) problems.push(...stateProblems(name, state));
  }
  return problems;
}

function stateProblems(name: string, state: Fields): string[] {
  const type = String(state.Type);
  const where = `state '${name}'`;
  const known = Object.hasOwn(stateFields, type) ? stateFields[type] : undefined;
  if (!known) return [`${where}: the type ${type} is not implemented.`];
  const problems = unknownFields(state, known, where);
  if (state.QueryLanguage !== undefined && state.QueryLanguage !== 'JSONata') {
    problems.push(`${where}: QueryLanguage must be "JSONata".`);
  }
  if (type === 'Task') problems.push(...taskProblems(state, where));
  for (const retrier of objects(state.Retry)) problems.push(...unknownFields(retrier, retryFields, `${where}, Retry`));
  for (const catcher of objects(state.Catch)) problems.push(...unknownFields(catcher, catchFields, `${where}, Catch`));
  for (const rule of objects(state.Choices)) problems.push(...unknownFields(rule, choiceFields, `${where}, Choices`));
  for (const part of [state, ...objects(state.Catch), ...objects(state.Choices)]) {
    problems.push(...expressionProblems(part, where), ...variableProblems(part, where));
  }
  return problems;
}

function taskProblems(state: Fields, where: string): string[] {
  const { Resource: resource, TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (!isImplemented(String(resource))) return [`${where}: the resource ${String(resource)} is not implemented.`];
  if (heartbeat === undefined) return [];
  if (!String(resource).endsWith('.waitForTaskToken'))
    return [`${where}: the field HeartbeatSeconds is implemented only for a resource with .waitForTaskToken.`];
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout)
    return [`${where}: HeartbeatSeconds (${heartbeat}) must be smaller than TimeoutSeconds (${timeout}).`];
  return [];
}

function expressionProblems(part: Fields, where: string): string[] {
  const problems: string[] = [];
  for (const [field, template] of Object.entries(part)) {
    if (!templates.has(field)) continue;
    try {
      for (const { source } of expressions(template, field)) compile(source);
    } catch (error) {
      problems.push(`${where}, ${field}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

function variableProblems(part: Fields, where: string): string[] {
  const names = isObject(part.Assign) ? Object.keys(part.Assign) : [];
  return names
    .filter((name) => name === 'states' || !/^\p{ID_Start}[\p{ID_Continue}]{0,79}$/u.test(name))
    .map((name) => `${where}, Assign: '${name}' is not a name for a variable.`);
}

function unknownFields(part: Fields, known: readonly string[], where: string): string[] {
  return Object.keys(part)
    .filter((field) => !known.includes(field))
    .map((field) => `${where}: the field ${field} is not implemented.`);
}

function objects(value: Json | undefined): Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
