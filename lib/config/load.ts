import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { partitionOf } from '../domain/arns.ts';
import type { Contact, RunbookReference, ServiceConfiguration } from '../domain/model.ts';
import { compileTriggers } from '../domain/triggers/compile.ts';
import { readCondition } from '../domain/triggers/condition.ts';
import type { ServiceFacts } from '../domain/triggers/trigger.ts';
import { adoptionIssues } from './adoption.ts';
import { child, entries } from './entries.ts';
import { ConfigurationError, type ConfigurationIssue } from './errors.ts';
import { explain, pathText } from './explain.ts';
import { serviceFacts } from './facts.ts';
import { JsonSyntaxError, parseJson } from './json.ts';
import { neighbourIssues, serviceIssues } from './rules.ts';
import type { Runbook } from './runbook.ts';
import { type RunbookFile, type Runbooks, readRunbooks } from './runbook-files.ts';
import {
  configurationSchema,
  type EnvironmentSection,
  environmentSchema,
  type ServiceSection,
  serviceSchema,
} from './schema.ts';

export interface Configuration {
  readonly environments: Readonly<Record<string, EnvironmentConfiguration>>;
  /** What was accepted and yet deserves a look: triggers without alarms, numbers kept as text, contacts unknown. */
  readonly warnings: readonly string[];
}

/** One account and region: one stack. */
export interface EnvironmentConfiguration {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, from the region. */
  readonly partition: string;
  readonly production: boolean;
  readonly contacts: Readonly<Record<string, Contact>>;
  readonly services: Readonly<Record<string, ServiceConfiguration>>;
  /** What it was compiled from, for services that a program adds to it. */
  readonly written: {
    readonly section: unknown;
    /** What the paths of its runbooks are relative to. */
    readonly baseDir: string;
  };
}

/**
 * Reads backstep.json and the runbooks that it names, and compiles their triggers.
 *
 * @throws ConfigurationError with every problem at once.
 * @example const { environments } = loadConfiguration('examples/01-checkout/backstep.json');
 */
export function loadConfiguration(path: string): Configuration {
  return parseConfiguration(readDocument(path), { baseDir: dirname(path), file: basename(path) });
}

/**
 * What compiling needs to know of each service of backstep.json; the runbooks that it names are not read.
 *
 * @throws ConfigurationError for a file of another shape
 */
export function loadFacts(path: string): ServiceFacts[] {
  const document = readDocument(path);
  const shape = configurationSchema.safeParse(document);
  if (!shape.success) throw new ConfigurationError(basename(path), explain(shape.error, document));
  return Object.entries(shape.data.environments).flatMap(([name, environment]) =>
    Object.entries(environment.services).map(([service, section]) => serviceFacts(name, environment, service, section)),
  );
}

function readDocument(path: string): unknown {
  const file = basename(path);
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch {
    throw new ConfigurationError(file, [{ path, found: 'no readable file', allowed: 'a configuration file' }]);
  }
  try {
    return parseJson(source).value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column, found, allowed } = error;
    throw new ConfigurationError(file, [{ path: `${file}, line ${line}, column ${column}`, found, allowed }]);
  }
}

export interface ParseOptions {
  /** What the paths of runbooks are relative to. @default process.cwd() */
  readonly baseDir?: string;
  /** The same for single services, which a program added. @default baseDir */
  readonly directoryOf?: (service: string) => string;
  /** What error messages call the document. @default backstep.json */
  readonly file?: string;
}

/** The same for a document that is already read. @throws ConfigurationError with every problem at once. */
export function parseConfiguration(
  document: unknown,
  { baseDir = process.cwd(), directoryOf = () => baseDir, file = 'backstep.json' }: ParseOptions = {},
): Configuration {
  const issues: ConfigurationIssue[] = [];
  const runbooks = readRunbooks(document, directoryOf, issues);
  const shape = configurationSchema.safeParse(document);
  if (!shape.success) issues.unshift(...explain(shape.error, document));
  issues.push(...ruleIssues(document, runbooks));
  if (issues.length > 0 || !shape.success) throw new ConfigurationError(file, issues);

  const warnings: string[] = [];
  const environments = mapValues(shape.data.environments, (environment, name) => ({
    ...compileEnvironment(name, environment, runbooks, warnings),
    written: { section: child(child(document, 'environments'), name), baseDir },
  }));
  return { environments, warnings };
}

function compileEnvironment(
  name: string,
  section: EnvironmentSection,
  runbooks: Runbooks,
  warnings: string[],
): Omit<EnvironmentConfiguration, 'written'> {
  const { account, region, production, contacts, services } = section;
  const compile = (service: ServiceSection, serviceName: string): ServiceConfiguration => {
    const path = pathText(['environments', name, 'services', serviceName]);
    const read = runbooks.get(path);
    // Unreadable runbooks are issues, and with issues nobody comes here.
    if (!read) throw new Error(`${path} has no runbook`);
    const compiled = compileService(name, section, serviceName, service, read);
    warnings.push(...read.runbook.notes, ...serviceWarnings(path, compiled));
    return compiled;
  };
  return {
    name,
    account,
    region,
    partition: partitionOf(region),
    production,
    contacts,
    services: mapValues(services, compile),
  };
}

function compileService(
  environment: string,
  section: EnvironmentSection,
  name: string,
  service: ServiceSection,
  read: RunbookFile,
): ServiceConfiguration {
  const facts = serviceFacts(environment, section, name, service);
  const runbook: RunbookReference = {
    path: service.runbook,
    runbookId: read.runbook.runbookId,
    sha256: read.sha256,
    document: read.runbook.document,
  };
  const { metrics: _metrics, sharedLoadBalancer: _shared, ...configuration } = facts;
  return { ...configuration, triggers: compileTriggers(read.runbook.triggers, facts), runbook };
}

/** Services are looked at one by one, so that a mistake in one place does not hide another elsewhere. */
function ruleIssues(document: unknown, runbooks: Runbooks): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const owners = new Map<string, Map<string, string>>();
  for (const [name, environment] of entries(child(document, 'environments'))) {
    const path = ['environments', name, 'services'];
    const place = environmentSchema.pick({ account: true, region: true }).safeParse({
      account: child(environment, 'account'),
      region: child(environment, 'region'),
    });
    const sound: Record<string, ServiceSection> = {};
    for (const [serviceName, given] of entries(child(environment, 'services'))) {
      const parsed = serviceSchema.safeParse(given);
      if (!parsed.success) continue;
      sound[serviceName] = parsed.data;
      const here = [...path, serviceName];
      issues.push(...serviceIssues(here, parsed.data, given, place.success ? place.data : undefined));
      const runbook = runbooks.get(pathText(here))?.runbook;
      issues.push(...unusedMetrics(here, parsed.data, runbook), ...adoptionIssues(here, name, parsed.data, runbook));
    }
    const account = place.success ? `${place.data.account}/${place.data.region}` : name;
    const claimed = owners.get(account) ?? new Map<string, string>();
    owners.set(account, claimed);
    issues.push(...neighbourIssues(path, sound, claimed));
  }
  return issues;
}

/** A source for a metric that no trigger names could have no effect; most often it is a misspelt name. */
function unusedMetrics(path: string[], service: ServiceSection, runbook: Runbook | undefined): ConfigurationIssue[] {
  if (!runbook) return [];
  const used = new Set(
    runbook.triggers.map(({ fields }) => child(fields?.metric_threshold, 'metric') ?? spokenMetric(fields?.condition)),
  );
  const known = [...used].filter((metric) => typeof metric === 'string').join(', ');
  return Object.keys(service.metrics)
    .filter((metric) => !used.has(metric))
    .map((metric) => ({
      path: pathText([...path, 'metrics', metric]),
      found: 'a metric that no trigger of the runbook names',
      allowed: known === '' ? 'nothing, since the runbook has no triggers' : known,
    }));
}

/** A trigger without a metric in its threshold may name one in its words. */
const spokenMetric = (condition: unknown): string | undefined =>
  typeof condition === 'string' ? readCondition(condition).metric : undefined;

function serviceWarnings(path: string, { triggers, contacts, adoptedAlarms = [] }: ServiceConfiguration): string[] {
  const adopted = new Set(adoptedAlarms.map(({ triggerId }) => triggerId));
  const silent = triggers
    .filter(({ compiled, triggerId }) => !compiled && !adopted.has(triggerId))
    .map(({ triggerId, reason }) => `${path}: trigger ${triggerId} has no alarm. ${reason}`);
  const unwatched =
    triggers.length > 0 || adoptedAlarms.length > 0
      ? []
      : [
          `${path}: the runbook has no trigger_conditions and no alarm is adopted, so only people can start a rollback.`,
        ];
  const called = [...new Set(triggers.flatMap(({ escalationContacts }) => escalationContacts))];
  const unknown = called.filter((contact) => !Object.hasOwn(contacts, contact));
  const missing =
    unknown.length === 0
      ? []
      : [`${path}: the runbook calls ${unknown.join(', ')}, who are not among the environment's contacts.`];
  return [...silent, ...unwatched, ...missing];
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, map: (value: V, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
