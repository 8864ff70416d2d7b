/** One release with all that is recorded of it, as lines. Pure. */
import type { Release } from '../../../lib/domain/model.ts';
import { targetGroupName } from '../../../lib/domain/traffic.ts';
import { releaseLines } from '../history/view.ts';
import type { ShownRelease } from '../standings.ts';
import type { Style } from '../story/style.ts';
import { wrap } from '../story/text.ts';

type Facts = Partial<
  Pick<
    Release,
    | 'registeredVersion'
    | 'commit'
    | 'desiredCount'
    | 'scaling'
    | 'rules'
    | 'configuration'
    | 'schemaVersion'
    | 'migrations'
    | 'images'
  >
>;

/** Each release with its facts below it. */
export function detailLines(releases: readonly ShownRelease[], style: Style): string[] {
  const heads = releaseLines(releases, style);
  if (releases.length === 0) return heads;
  return releases.flatMap((release, index) => [
    heads[index] ?? '',
    ...row('Standing', `${release.standing}: ${release.evidence}`),
    ...factLines(release),
  ]);
}

/** What is known of a release, a line each; what is not known has none. */
export function factLines(facts: Facts): string[] {
  const { registeredVersion, commit, schemaVersion, images = [], rules = [], configuration = [], migrations } = facts;
  return [
    ...row('Version', registeredVersion),
    ...row('Commit', commit),
    ...row('Tasks', tasks(facts)),
    ...rules.flatMap(({ rule, weights, stickiness }) => {
      const shares = Object.entries(weights).map(([group, weight]) => `${targetGroupName(group)} ${weight}`);
      return row(
        'Weights',
        `${shares.join(', ')}${stickiness.enabled ? ', sticky' : ''} (rule ${rule.split('/').at(-1)})`,
      );
    }),
    ...row('Migrations', migrations && migrationsIn(migrations)),
    ...row('Schema', schemaVersion),
    ...configuration.flatMap(({ name, versionId }) => row('Reads', `${name} version ${versionId}`)),
    ...images.flatMap(({ container, image, digest }) =>
      row(
        'Image',
        digest === undefined || image.includes('@') ? `${container} ${image}` : `${container} ${image} ${digest}`,
      ),
    ),
  ];
}

function tasks({ desiredCount, scaling }: Facts): string | undefined {
  if (desiredCount === undefined) return undefined;
  return scaling ? `${desiredCount}, scaled from ${scaling.minimum} to ${scaling.maximum}` : String(desiredCount);
}

const migrationsIn = (migrations: NonNullable<Release['migrations']>): string =>
  migrations.length === 0 ? 'none' : migrations.map(({ name, kind }) => `${name} (${kind})`).join(', ');

const row = (label: string, text: string | undefined): string[] =>
  text === undefined ? [] : wrap(text, 16, `    ${label.padEnd(10)}  `);
