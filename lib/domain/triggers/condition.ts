/**
 * What a runbook's condition says in words, e.g. `availability < 95% for 2 minutes`. It stands in for fields of
 * `metric_threshold` that are null, and settles whether a bare 0.95 or 95 means a share or percent.
 */
export interface ConditionText {
  readonly metric?: string;
  readonly operator?: string;
  /** As written: `baseline * 5`, `95%`, `1.5s`. */
  readonly value?: string;
  readonly durationMinutes?: number;
}

// Longest first, so that `>=` is not read as `>`.
const operators = [
  '>=',
  '<=',
  '==',
  '>',
  '<',
  '=',
  'greater than or equal to',
  'less than or equal to',
  'greater than',
  'less than',
  'at least',
  'at most',
  'equal to',
  'drops below',
  'falls below',
  'exceeds',
  'above',
  'below',
  'over',
  'under',
  'equals',
];
const unitMinutes: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60 };

/** Reads what can be read; anything else is left out rather than guessed. */
export function readCondition(condition: string): ConditionText {
  // Nobody writes a condition of 500 characters, and expressions below stay cheap.
  const text = condition.slice(0, 500).trim();
  const duration = /\bfor\s+(?:at\s+least\s+)?(\d+(?:\.\d+)?)\s*(s|m|h)[a-z]*\s*$/i.exec(text);
  const rest = (duration ? text.slice(0, duration.index) : text).trim();
  const minutes = duration ? Number(duration[1]) * (unitMinutes[(duration[2] ?? 'm').toLowerCase()] ?? 1) : undefined;
  const metric = /^[A-Za-z_][\w.-]*/.exec(rest)?.[0];
  return {
    ...(metric === undefined ? {} : { metric }),
    ...comparison(rest.slice(metric?.length ?? 0).trim()),
    ...(minutes === undefined ? {} : { durationMinutes: minutes }),
  };
}

function comparison(text: string): Pick<ConditionText, 'operator' | 'value'> {
  const words = text.replace(/^is\s+/i, '');
  if (/^(?:is\s+)?(?:unchanged|constant|stalled)$/i.test(words)) return { operator: 'equals', value: '0' };
  const operator = operators.find((candidate) => words.toLowerCase().startsWith(candidate));
  if (!operator) return {};
  const value = words.slice(operator.length).trim();
  return value === '' ? { operator } : { operator, value };
}
