/** What a person may type next, by how a rollback ended. Pure. */
import { readDirectArn } from '../../../lib/domain/direct.ts';
import type { Json } from '../../../lib/domain/model.ts';
import { productionPhrase } from '../../../lib/domain/names.ts';
import type { Ending } from './ending.ts';

/** One command line, or a sentence where there is none. */
export interface NextStep {
  readonly what: string;
  readonly line?: string;
}

export function nextSteps(ending: Ending): NextStep[] {
  const { service, outcome, report, target } = ending;
  const read: NextStep[] = report === null ? [] : [{ what: 'Read the report', line: reportLine(report) }];
  const status: NextStep = { what: 'See where it stands', line: `npx backstep status ${service}` };
  const suspect = Object.values(ending.current).find((version) => version !== target);
  switch (outcome) {
    case 'verified':
      return [
        ...read,
        { what: `Keep your pipeline from deploying ${suspect ?? 'that release'} again before it is fixed.` },
        { what: 'See the ledger', line: `npx backstep history ${service}` },
      ];
    case 'ready':
      return ending.startWith === null
        ? read
        : [{ what: 'Do it for real', line: rollbackLine(ending.startWith) }, ...read];
    case 'duplicate':
      return [{ what: 'Watch the rollback under way', line: `npx backstep watch ${service}` }];
    case 'blocked':
      return [
        ...read,
        { what: 'Roll forward, or name another release', line: `npx backstep history ${service} --all` },
      ];
    case 'declined':
    case 'observed':
      return [...read, { what: 'Roll back all the same', line: `npx backstep rollback ${service}` }];
    case 'already-at-target':
    case 'InvalidInput':
      return read;
    default:
      return [...read, status, { what: 'Nothing more happens by itself: a person has to decide.' }];
  }
}

/** How to come back to a rollback that goes on, and how to stop it. */
export function whileItRuns(arn: string, rollbackId: string | null, service: string): NextStep[] {
  const direct = readDirectArn(arn) !== undefined;
  return [
    { what: 'Come back', line: `npx backstep watch ${rollbackId ?? arn}` },
    { what: 'Stop it after the action under way', line: `npx backstep pause ${service} --reason "..."` },
    direct
      ? { what: 'Stop it at once: Ctrl-C in the terminal that carries it out.' }
      : { what: 'Stop it at once', line: `aws stepfunctions stop-execution --execution-arn ${arn}` },
  ];
}

const reportLine = (uri: string): string => `aws s3 cp ${uri.replace(/\.json$/, '.md')} -`;

/** The execution input as a command line. @example rollbackLine({ service: 'checkout' }) // 'npx backstep rollback checkout' */
export function rollbackLine(input: Json): string {
  const fields = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  const flags: string[] = [];
  const flag = (name: string, field: string): void => {
    const value = fields[field];
    if (value !== undefined && value !== null) flags.push(`--${name} ${quoted(String(value))}`);
  };
  if (fields.version !== 'previous') flag('to', 'version');
  flag('strategy', 'strategy');
  flag('scope', 'scope');
  if (fields.backup === false) flags.push('--no-backup');
  flag('timeout', 'timeout');
  flag('reason', 'reason');
  if (fields.confirm !== undefined) flags.push(`--confirm "${productionPhrase}"`);
  return ['npx backstep rollback', quoted(String(fields.service ?? '')), ...flags].join(' ');
}

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
