/** What `release register` was told on its command line. */
import { type ConfigurationVersion, type Migration, migrationKinds } from '../../../lib/domain/model.ts';
import { type ToldFacts, toldForms } from '../../../lib/domain/registration.ts';
import { type Arguments, UsageError } from '../command.ts';

/** @throws UsageError where a value cannot be used, or nothing is told at all */
export function toldFacts(flags: Arguments['flags']): ToldFacts {
  const { version, commit, migrations, configuration, 'schema-version': schemaVersion } = flags;
  const told: ToldFacts = {
    ...(version !== undefined && { version: text('--version', String(version), toldForms.version, versionForm) }),
    ...(commit !== undefined && { commit: commitOf(String(commit)) }),
    ...(schemaVersion !== undefined && {
      schemaVersion: text('--schema-version', String(schemaVersion), toldForms.schemaVersion, 'at most 128 characters'),
    }),
    ...(migrations !== undefined && { migrations: migrationsOf(String(migrations)) }),
    ...(configuration !== undefined && { configuration: String(configuration).split(',').map(versionIn) }),
  };
  if (Object.keys(told).length === 0)
    throw new UsageError(
      'Nothing is told of the release: give at least one of --version, --commit, --migrations, --schema-version and --configuration.',
    );
  return told;
}

const versionForm = 'letters, digits and . _ + -, at most 128 of them';

const commitOf = (found: string): string =>
  text('--commit', found, toldForms.commit, '7 to 40 hexadecimal digits').toLowerCase();

function migrationsOf(list: string): Migration[] {
  if (list === 'none') return [];
  return list.split(',').map((entry) => {
    const at = entry.lastIndexOf('=');
    const [name, kind] = [entry.slice(0, Math.max(at, 0)).trim(), entry.slice(at + 1).trim()];
    const known = migrationKinds.find((one) => one === kind);
    if (name && name.length <= 200 && known) return { name, kind: known };
    throw new UsageError(
      `--migrations: found "${entry}"; allowed: name=kind with a kind of ${migrationKinds.join(', ')}, such as ` +
        '0042_add_index=additive, or only "none" where there are none.',
    );
  });
}

/** A version of Parameter Store is a number, ids of Secrets Manager and others are long: a value seldom looks like either. */
function versionIn(entry: string): ConfigurationVersion {
  const at = entry.lastIndexOf('=');
  const [name, versionId] = [entry.slice(0, Math.max(at, 0)).trim(), entry.slice(at + 1).trim()];
  if (name && name.length <= 2_048 && /^(?:\d{1,10}|[\w-]{32,64})$/.test(versionId)) return { name, versionId };
  // What was found is not repeated: it may be a value.
  throw new UsageError(
    `--configuration${name ? ` ${name}` : ''}: found something else than a version's id; allowed: NAME=ID with a number, or an id of 32 to ` +
      '64 letters, digits, _ and -. Never give a value.',
  );
}

function text(flag: string, found: string, form: RegExp, allowed: string): string {
  if (form.test(found)) return found;
  throw new UsageError(`${flag}: found "${found}"; allowed: ${allowed}.`);
}
