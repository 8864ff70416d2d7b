import { operatorPhrases } from './operator.ts';

/**
 * What a runbook's condition says in words, e.g. `availability < 95% for 2 minutes`. It stands in for fields of
 * `metric_threshold` that are null, and settles whether a bare 0.95 or 95 means a share or percent.
 */
export interface ConditionText {
  readonly metric?: string;
  readonly operator?: string;
  /** As written: `baseline * 5`, `95%`, `1.5s`. */
  readonly value?: string;
  /** `for 5 minutes` */
  readonly durationMinutes?: number;
  /** Where it says more than one: `5 of 10 minutes`, `for 5 minutes within 10 minutes`. */
  readonly windowMinutes?: number;
  /** Operator and value speak of how the metric changes, as `unchanged` does, and not of the metric itself. */
  readonly ofRate?: true;
}

/** Reads what can be read; anything else is left out rather than guessed. */
export function readCondition(condition: string): ConditionText {
  // Nobody writes a condition of 500 characters, and expressions below stay cheap.
  const text = condition.slice(0, 500).trim().replace(/\s+/g, ' ').replace(/\.$/, '');
  const { rest, durationMinutes, windowMinutes } = durations(text);
  return {
    ...(movement(rest) ?? comparison(rest)),
    ...(durationMinutes === undefined ? {} : { durationMinutes }),
    ...(windowMinutes === undefined ? {} : { windowMinutes }),
  };
}

/** Minutes in a text such as `300 s`, `5m`, `2 hours`; undefined for any other. */
export function minutesIn(text: string): number | undefined {
  const match = new RegExp(`^${amount} ?${unit}$`, 'i').exec(text.trim());
  return match ? inMinutes(match[1], match[2]) : undefined;
}

const amount = String.raw`(\d+(?:\.\d+)?)`;
const unit = '(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)';
const lead = '(?:at least |more than |the last |the past )?';
const tails = {
  /** `for 5 of 10 minutes`: held, window. */
  ratio: new RegExp(`(?:^| )(?:for|in|within|during) ${lead}${amount} (?:out )?of ${lead}${amount} ?${unit}$`, 'i'),
  plain: new RegExp(`(?:^| )(?:for|in|within|during) ${lead}${amount} ?${unit}$`, 'i'),
  /** `over 10 minutes`: like an operator with its value, so it is a duration only where there is an operator before it. */
  over: new RegExp(` over ${lead}${amount} ?${unit}$`, 'i'),
};

interface Durations {
  readonly rest: string;
  readonly durationMinutes?: number | undefined;
  readonly windowMinutes?: number | undefined;
}

/** Cuts the durations off the end. Of two, the shorter is how long it holds and the longer is the window. */
function durations(text: string): Durations {
  const ratio = tails.ratio.exec(text);
  if (ratio) {
    return {
      rest: text.slice(0, ratio.index).trim(),
      durationMinutes: inMinutes(ratio[1], ratio[3]),
      windowMinutes: inMinutes(ratio[2], ratio[3]),
    };
  }
  const last = tails.plain.exec(text) ?? overAfterOperator(text);
  if (!last) return { rest: text };
  const rest = text.slice(0, last.index).trim();
  const one = inMinutes(last[1], last[2]);
  const before = tails.plain.exec(rest);
  if (!before) return { rest, durationMinutes: one };
  const other = inMinutes(before[1], before[2]);
  return {
    rest: rest.slice(0, before.index).trim(),
    durationMinutes: Math.min(one, other),
    windowMinutes: Math.max(one, other),
  };
}

function overAfterOperator(text: string): RegExpExecArray | undefined {
  const match = tails.over.exec(text);
  return match && comparison(text.slice(0, match.index)).value !== undefined ? match : undefined;
}

const unitMinutes: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60 };
const inMinutes = (digits = '', name = 'm'): number =>
  Number(digits) * (unitMinutes[name.charAt(0).toLowerCase()] ?? Number.NaN);

const still =
  /^(.*?) (?:is |are |stays |remains )?(?:unchanged|constant|stalled|stuck|not (?:moving|changing|progressing))$/i;
const growing = /^(.*?) (?:is |are |keeps )?(?:increasing|growing|rising)(?: continuously| steadily| constantly)?$/i;

/** `migration_progress unchanged`, `memory_usage increasing continuously`: a rate of 0, or of more. */
function movement(text: string): ConditionText | undefined {
  const unmoved = still.exec(text);
  const found = unmoved ?? growing.exec(text);
  if (!found) return undefined;
  const metric = metricName(found[1] ?? '');
  const rate = metric === undefined ? undefined : rateOf(metric);
  return {
    ...(rate === undefined ? {} : { metric: rate }),
    operator: unmoved ? 'equals' : 'greater_than',
    value: '0',
    ofRate: true,
  };
}

function rateOf(metric: string): string {
  if (/^memory(?:_(?:usage|utilization|use))?$/i.test(metric)) return 'memory_growth_rate';
  return metric.endsWith('_rate') ? metric : `${metric}_rate`;
}

// Longest first, so that `>=` is not read as `>`, nor `greater than or equal to` as `greater than`.
const phrases = operatorPhrases
  .toSorted((a, b) => b.length - a.length)
  .map((phrase) => (/\w/.test(phrase) ? `(?<![\\w.-])${phrase}(?![\\w.-])` : phrase));
const operatorPattern = new RegExp(phrases.join('|'), 'i');

function comparison(text: string): ConditionText {
  const found = operatorPattern.exec(text);
  const metric = metricName(found ? text.slice(0, found.index) : text);
  if (!found) return metric === undefined ? {} : { metric };
  const value = text.slice(found.index + found[0].length).trim();
  return {
    ...(metric === undefined ? {} : { metric }),
    operator: found[0],
    ...(value === '' ? {} : { value }),
  };
}

/** `p95 response time is` names `p95_response_time`; a sentence names nothing. */
function metricName(words: string): string | undefined {
  const name = words
    .trim()
    .replace(/^the /i, '')
    .replace(/(?: (?:is|are|was|were|stays|remains|rises|goes|drops|falls))+$/i, '')
    .replace(/ /g, '_');
  return /^[A-Za-z_][\w.-]{0,99}$/.test(name) && name.split('_').length <= 6 ? name : undefined;
}
