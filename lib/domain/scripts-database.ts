/** The database's part of the scripts: taking the snapshot, and, when a person asks for it, restoring from it. */
import type { StartSnapshotAction } from './model.ts';

type Quote = (text: string) => string;

/**
 * Run without an argument it takes the snapshot, if there is none of its name. With `restore` it makes a new database from
 * it: RDS restores into nothing that exists.
 */
export function databaseCommands({ description, forward }: StartSnapshotAction, quote: Quote): string {
  const { kind, source, snapshot } = forward;
  const words = kind === 'cluster' ? clusterWords : instanceWords;
  const copy = `${source.slice(0, 45).replace(/-$/, '')}-restored-$(date -u +%H%M%S)`;
  return [
    `# ${description}`,
    `snapshot=${quote(snapshot)}`,
    `if ! aws rds ${words.describe} "$snapshot" > /dev/null 2>&1; then`,
    `  aws rds ${words.create} "$snapshot" ${words.of} ${quote(source)} > /dev/null`,
    'fi',
    `aws rds ${words.describe} "$snapshot" --query ${quote(`${words.list}[0].[Status,PercentProgress]`)} --output text`,
    '',
    '# Restoring always makes a new database. Nothing uses it until a person switches to it, and the old one stays.',
    '[ "$*" = restore ] || { echo "To restore from it: $0 restore"; exit 0; }',
    `aws rds wait ${words.available} "$snapshot"`,
    `copy="${copy}"`,
    ...(kind === 'cluster' ? restoreCluster(source, quote) : restoreInstance(source, quote)),
    'echo "$copy is there. Compare its data with what is in use, then switch the application to it, or copy back what is missing."',
  ].join('\n');
}

const instanceWords = {
  describe: 'describe-db-snapshots --db-snapshot-identifier',
  create: 'create-db-snapshot --db-snapshot-identifier',
  of: '--db-instance-identifier',
  list: 'DBSnapshots',
  available: 'db-snapshot-available --db-snapshot-identifier',
};

const clusterWords = {
  describe: 'describe-db-cluster-snapshots --db-cluster-snapshot-identifier',
  create: 'create-db-cluster-snapshot --db-cluster-snapshot-identifier',
  of: '--db-cluster-identifier',
  list: 'DBClusterSnapshots',
  available: 'db-cluster-snapshot-available --db-cluster-snapshot-identifier',
};

/** Subnets, security groups and parameters are not in a snapshot: without them RDS takes the defaults of the VPC. */
function restoreInstance(source: string, quote: Quote): string[] {
  const ask = (query: string): string =>
    `$(aws rds describe-db-instances --db-instance-identifier ${quote(source)} --query ${quote(`DBInstances[0].${query}`)} --output text)`;
  return [
    `subnets=${ask('DBSubnetGroup.DBSubnetGroupName')}`,
    `parameters=${ask('DBParameterGroups[0].DBParameterGroupName')}`,
    `class=${ask('DBInstanceClass')}`,
    `groups=${ask('VpcSecurityGroups[].VpcSecurityGroupId')}`,
    'aws rds restore-db-instance-from-db-snapshot --db-instance-identifier "$copy" --db-snapshot-identifier "$snapshot" \\',
    '  --db-instance-class "$class" --db-subnet-group-name "$subnets" --db-parameter-group-name "$parameters" \\',
    '  --vpc-security-group-ids $groups > /dev/null',
    'aws rds wait db-instance-available --db-instance-identifier "$copy"',
  ];
}

/** A restored cluster has no instance: one is made, of the class of the present writer. */
function restoreCluster(source: string, quote: Quote): string[] {
  const ask = (query: string): string =>
    `$(aws rds describe-db-clusters --db-cluster-identifier ${quote(source)} --query ${quote(`DBClusters[0].${query}`)} --output text)`;
  return [
    `engine=${ask('Engine')}`,
    `subnets=${ask('DBSubnetGroup')}`,
    `parameters=${ask('DBClusterParameterGroup')}`,
    `groups=${ask('VpcSecurityGroups[].VpcSecurityGroupId')}`,
    `writer=${ask('DBClusterMembers[?IsClusterWriter] | [0].DBInstanceIdentifier')}`,
    `class=$(aws rds describe-db-instances --db-instance-identifier "$writer" --query ${quote('DBInstances[0].DBInstanceClass')} --output text)`,
    'aws rds restore-db-cluster-from-snapshot --db-cluster-identifier "$copy" --snapshot-identifier "$snapshot" --engine "$engine" \\',
    '  --db-subnet-group-name "$subnets" --db-cluster-parameter-group-name "$parameters" --vpc-security-group-ids $groups > /dev/null',
    'aws rds wait db-cluster-available --db-cluster-identifier "$copy"',
    'aws rds create-db-instance --db-instance-identifier "$copy-1" --db-cluster-identifier "$copy" --engine "$engine" --db-instance-class "$class" > /dev/null',
    'aws rds wait db-instance-available --db-instance-identifier "$copy-1"',
  ];
}
