/** One thing that is wrong with a configuration or runbook, in the reader's own terms. */
export interface ConfigurationIssue {
  /** `environments.production.services.checkout.sides[0].targetGroup`, or `runbooks/checkout.json#trigger_conditions`. */
  readonly path: string;
  /** What stands there now, shortened for a terminal: `-5`, `"eu-west"`, `nothing`. */
  readonly found: string;
  /** What may stand there, in words. */
  readonly allowed: string;
}

/** Everything that is wrong, at once: nobody should have to synthesize ten times to find ten mistakes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly issues: readonly ConfigurationIssue[];

  constructor(file: string, issues: readonly ConfigurationIssue[]) {
    const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
    super([`${file} cannot be used: ${count}.`, ...issues.map((issue) => `  ${issueText(issue)}`)].join('\n'));
    this.issues = issues;
  }
}

/** `environments.production.account: found "12", allowed: the 12 digits of an AWS account` */
export const issueText = ({ path, found, allowed }: ConfigurationIssue): string =>
  `${path}: found ${found}, allowed: ${allowed}`;

/** Enough for an ARN, whose end is what tells it from others. */
const shown = 160;

/** A value as an issue quotes it. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value !== null && typeof value === 'object')
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
