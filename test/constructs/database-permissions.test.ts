/** What a database in the configuration lets the functions do: read it, and make snapshots of it under our own names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { type FunctionName, functionNames } from '../../lib/constructs/function-names.ts';
import { list, only, type Resources, readJson, type Statement, statementsByRole } from './fixture.ts';

const directory = join(import.meta.dirname, '../../examples/01-checkout');

async function statementsWith(database: object | undefined): Promise<(name: FunctionName) => Statement[]> {
  const config = JSON.parse(readFileSync(join(directory, 'backstep.json'), 'utf8'));
  Object.assign(config.environments.production.services.checkout, { database });
  const { assemblyDir, stacks } = await synthesize(config, { baseDir: directory });
  const template = readJson<{ Resources: Resources }>(join(assemblyDir, `${stacks[0]?.name}.template.json`));
  const byRole = statementsByRole(template.Resources);
  return (name) => byRole.get(only(template.Resources, 'AWS::IAM::Role', `Functions${name}Role`).id) ?? [];
}

const rds = 'arn:aws:rds:eu-west-1:111122223333';

/** What the statements allow in RDS, as `action on resource`. */
const granted = (statements: readonly Statement[]): string[] =>
  statements
    .flatMap(({ Action, Resource }) =>
      list(Action)
        .filter((action) => action.startsWith('rds:'))
        .flatMap((action) =>
          list(Resource as string | string[]).map((resource) => `${action} on ${resource.replace(`${rds}:`, '')}`),
        ),
    )
    .sort();

describe('with an RDS instance', () => {
  let of: (name: FunctionName) => Statement[];
  beforeAll(async () => {
    of = await statementsWith({ instance: 'Shop-DB' });
  });

  test('StartSnapshot may make snapshots of it, under names of ours, and of a cluster that it may be a member of', () => {
    const reading = granted(of('CheckSnapshot'));
    expect(granted(of('StartSnapshot')).filter((grant) => !reading.includes(grant))).toEqual([
      'rds:AddTagsToResource on cluster-snapshot:backstep-*',
      'rds:AddTagsToResource on snapshot:backstep-*',
      'rds:CreateDBClusterSnapshot on cluster-snapshot:backstep-*',
      'rds:CreateDBClusterSnapshot on cluster:*',
      'rds:CreateDBClusterSnapshot on db:shop-db',
      'rds:CreateDBClusterSnapshot on snapshot:backstep-*',
      'rds:CreateDBSnapshot on cluster-snapshot:backstep-*',
      'rds:CreateDBSnapshot on db:shop-db',
      'rds:CreateDBSnapshot on snapshot:backstep-*',
    ]);
  });

  test('the others only read', () => {
    const writing = functionNames.filter((name) =>
      granted(of(name)).some((grant) => !grant.startsWith('rds:Describe')),
    );
    expect(writing).toEqual(['StartSnapshot']);
    const reading = functionNames.filter((name) => granted(of(name)).length > 0);
    expect(reading).toEqual(
      expect.arrayContaining(['Plan', 'StartSnapshot', 'CheckSnapshot', 'VerifyHealth', 'Report', 'CheckReadiness']),
    );
    expect(reading).toHaveLength(6);
  });
});

test('with a cluster, StartSnapshot may make snapshots of no other', async () => {
  const of = await statementsWith({ cluster: 'orders' });
  expect(granted(of('StartSnapshot'))).toContain('rds:CreateDBClusterSnapshot on cluster:orders');
  expect(granted(of('StartSnapshot'))).not.toContain('rds:CreateDBClusterSnapshot on cluster:*');
});

test('without a database, nobody may do anything in RDS', async () => {
  const of = await statementsWith(undefined);
  expect(functionNames.flatMap((name) => granted(of(name)))).toEqual([]);
});
