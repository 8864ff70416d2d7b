import { AwsError } from '../../service.ts';

/** Longest snapshot identifier: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html */
const longest = { instance: 255, cluster: 63 } as const;

/** @throws AwsError `InvalidParameterValue` where RDS takes no such name */
export function refuseUnusable(parameter: string, id: string, kind: keyof typeof longest): void {
  if (id.length <= longest[kind] && /^[a-z](?:-?[a-z0-9])*$/i.test(id)) return;
  throw new AwsError(
    'InvalidParameterValue',
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII ` +
      'letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}
