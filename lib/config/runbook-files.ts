import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sha256 } from './canonical.ts';
import { child, entries } from './entries.ts';
import { ConfigurationError, type ConfigurationIssue, describeFound } from './errors.ts';
import { pathText } from './explain.ts';
import { parseRunbook, type Runbook } from './runbook.ts';

export interface RunbookFile {
  readonly runbook: Runbook;
  readonly sha256: string;
}

/** By the place of the service that names it: `environments.production.services.checkout`. */
export type Runbooks = ReadonlyMap<string, RunbookFile>;

/**
 * Reads every runbook that can be read, whatever else is wrong with the document; adds what cannot to `issues`.
 *
 * @param directoryOf what the path of a service's runbook is relative to
 */
export function readRunbooks(
  document: unknown,
  directoryOf: (service: string) => string,
  issues: ConfigurationIssue[],
): Runbooks {
  const runbooks = new Map<string, RunbookFile>();
  for (const [environmentName, environment] of entries(child(document, 'environments'))) {
    for (const [name, service] of entries(child(environment, 'services'))) {
      const given = child(service, 'runbook');
      if (typeof given !== 'string' || given.trim() === '') continue;
      const path = ['environments', environmentName, 'services', name];
      const read = readRunbook([...path, 'runbook'], given, directoryOf(name), issues);
      if (read) runbooks.set(pathText(path), read);
    }
  }
  return runbooks;
}

function readRunbook(
  path: string[],
  given: string,
  directory: string,
  issues: ConfigurationIssue[],
): RunbookFile | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(directory, given));
  } catch {
    const allowed = 'the path of a rollback runbook that exists, relative to the configuration file';
    issues.push({ path: pathText(path), found: describeFound(given), allowed });
    return undefined;
  }
  try {
    return { runbook: parseRunbook(given, decode(bytes)), sha256: sha256(bytes) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

/** One runbook by its path. @throws ConfigurationError for what cannot be read as a runbook at all */
export function loadRunbook(path: string): Runbook {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new ConfigurationError(path, [{ path, found: 'no readable file', allowed: 'a rollback runbook' }]);
  }
  return parseRunbook(path, decode(bytes));
}

/** Some shells redirect into UTF-16, and mark it so. */
const decode = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
