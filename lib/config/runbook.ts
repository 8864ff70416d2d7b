import type { Json } from '../domain/model.ts';
import type { RunbookTrigger } from '../domain/triggers/trigger.ts';
import { ConfigurationError, type ConfigurationIssue, describeFound } from './errors.ts';
import { type JsonReading, JsonSyntaxError, readJsonAt, withoutMark } from './json.ts';

export interface Runbook {
  readonly runbookId: string;
  /** The whole document as found, unknown fields included. */
  readonly document: Json;
  readonly triggers: readonly RunbookTrigger[];
  /** What a reader should know: numbers kept as text, text around the JSON. */
  readonly notes: readonly string[];
}

/**
 * Reads a rollback runbook as people find it: a byte order mark, a page header before the JSON, text after it, fields
 * that nobody knows. What it says is data; nothing in it is ever run.
 *
 * @throws ConfigurationError that names what is missing, by `<file>#<field>`.
 */
export function parseRunbook(file: string, source: string): Runbook {
  const reading = findRunbook(file, withoutMark(source));
  const document = reading.value as { [key: string]: Json };
  const issues = fieldIssues(file, document);
  if (issues.length > 0) throw new ConfigurationError(file, issues);
  const triggers = (document.trigger_conditions ?? []) as Json[];
  return {
    runbookId: String(document.runbook_id),
    document,
    triggers: triggers.map((trigger, index) => ({ index, fields: isObject(trigger) ? trigger : undefined })),
    notes: reading.notes.map((note) => `${file}, ${note}`),
  };
}

/** The eleven fields of a runbook, and what each holds when it is there. */
const fields: Readonly<Record<string, 'text' | 'any' | 'list' | 'object'>> = {
  runbook_id: 'text',
  migration_id: 'any',
  created_at: 'any',
  rollback_phases: 'list',
  trigger_conditions: 'list',
  data_recovery_plan: 'object',
  communication_templates: 'list',
  escalation_matrix: 'object',
  validation_checklist: 'list',
  post_rollback_procedures: 'list',
  emergency_contacts: 'list',
};

/**
 * The JSON object with the most fields of a runbook in it. Reading begins anew at every brace, so braces in a header
 * cannot hide what follows; a broken runbook is told from a missing one by the fields before the mistake.
 */
function findRunbook(file: string, text: string): JsonReading {
  let furthest: JsonSyntaxError | undefined;
  let best: JsonReading | undefined;
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) {
    try {
      const reading = readJsonAt(text, at);
      if (!best || knownFields(reading.value) > knownFields(best.value)) best = reading;
      at = reading.end - 1;
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      const inside = text.slice(at, error.offset);
      const isRunbook = Object.keys(fields).some((field) => inside.includes(`"${field}"`));
      if (isRunbook && !best) throw syntaxProblem(file, error);
      if (!furthest || error.offset > furthest.offset) furthest = error;
    }
  }
  if (best) return best;
  if (furthest) throw syntaxProblem(file, furthest);
  const found = text.trim() === '' ? 'an empty file' : 'no JSON object';
  throw new ConfigurationError(file, [{ path: `${file}#`, found, allowed: 'a rollback runbook: a JSON object' }]);
}

function fieldIssues(file: string, document: { [key: string]: Json }): ConfigurationIssue[] {
  if (knownFields(document) === 0) {
    const keys = Object.keys(document).slice(0, 5);
    const found = keys.length === 0 ? 'an empty object' : `an object with the keys ${keys.join(', ')}`;
    return [
      { path: `${file}#`, found, allowed: `a rollback runbook with the fields ${Object.keys(fields).join(', ')}` },
    ];
  }
  return Object.entries(fields).flatMap(([field, kind]) => {
    const value = document[field];
    return fits(kind, value) ? [] : { path: `${file}#${field}`, found: describeFound(value), allowed: kindWords[kind] };
  });
}

const kindWords = {
  text: 'the identifier of the runbook, a string',
  any: 'anything',
  list: 'a list, or nothing',
  object: 'an object, or nothing',
};

function fits(kind: keyof typeof kindWords, value: Json | undefined): boolean {
  if (kind === 'text') return (typeof value === 'string' && value.trim() !== '') || typeof value === 'number';
  if (kind === 'any' || value === undefined || value === null) return true;
  return kind === 'list' ? Array.isArray(value) : isObject(value);
}

const knownFields = (value: Json): number =>
  isObject(value) ? Object.keys(value).filter((key) => Object.hasOwn(fields, key)).length : 0;

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const syntaxProblem = (file: string, { line, column, found, allowed }: JsonSyntaxError): ConfigurationError =>
  new ConfigurationError(file, [{ path: `${file}, line ${line}, column ${column}`, found, allowed }]);
