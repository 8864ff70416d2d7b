import { partitionOf } from '../domain/arns.ts';
import { child, entries } from './entries.ts';
import { ConfigurationError } from './errors.ts';
import { explain } from './explain.ts';
import { type EnvironmentConfiguration, parseConfiguration } from './load.ts';
import { configurationSchema, type EnvironmentInput } from './schema.ts';

/**
 * An environment that no file describes, still without services.
 *
 * @throws ConfigurationError for a name, account, region or contacts that a file could not have either
 */
export function environmentWithoutFile(
  name: string,
  { account, region, production = true, contacts = {} }: Omit<EnvironmentInput, 'services'>,
): EnvironmentConfiguration {
  const section = { account, region, production, contacts, services: {} };
  const document = { environments: { [name]: section } };
  const { error } = configurationSchema.safeParse(document);
  // It has no services yet, and that alone is no mistake here.
  const wrong = error ? explain(error, document).filter(({ path }) => !path.endsWith('.services')) : [];
  if (wrong.length > 0) throw new ConfigurationError(`The environment ${name}`, wrong);
  return {
    name,
    account,
    region,
    partition: partitionOf(region),
    production,
    contacts: Object.fromEntries(
      Object.entries(contacts).map(([contact, { audience = 'technical', ...rest }]) => [
        contact,
        { ...rest, audience },
      ]),
    ),
    services: {},
    written: { section, baseDir: process.cwd() },
  };
}

/**
 * Compiles services that a program adds to an environment, by the very rules of the file: alone, or beside those that the
 * file has, so that what is in each other's way is found.
 *
 * @param added sections as a file would have them, but that runbooks are relative to the working directory
 * @throws ConfigurationError with every problem at once
 */
export function compileAdded(
  environment: EnvironmentConfiguration,
  added: Readonly<Record<string, unknown>>,
  { alone, label }: { readonly alone: boolean; readonly label: string },
): Pick<EnvironmentConfiguration, 'services'> & { readonly warnings: readonly string[] } {
  const { section, baseDir } = environment.written;
  const own = alone ? {} : Object.fromEntries(entries(child(section, 'services')));
  const document = {
    environments: { [environment.name]: { ...(section as object), services: { ...own, ...added } } },
  };
  const { environments, warnings } = parseConfiguration(document, {
    baseDir,
    directoryOf: (service) => (Object.hasOwn(added, service) ? process.cwd() : baseDir),
    file: label,
  });
  const compiled = Object.entries(environments[environment.name]?.services ?? {});
  return { services: Object.fromEntries(compiled.filter(([name]) => Object.hasOwn(added, name))), warnings };
}
