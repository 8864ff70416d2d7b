/**
 * What ARNs tell without asking AWS. CloudWatch names load balancers and target groups by the last part of their ARN,
 * and every ARN carries the account and region that it must share with its environment.
 */
export interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function parseArn(arn: string): ArnParts | undefined {
  const found = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/.exec(arn);
  if (!found) return undefined;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = found;
  return { partition, service, region, account, resource };
}

/** `app/shop/50dc6c495c0c9188` from the ARN of a load balancer, listener or listener rule; undefined for any other. */
export function loadBalancerDimension(arn: string): string | undefined {
  return /:(?:loadbalancer|listener|listener-rule)\/(app\/[^/]+\/[^/]+)/.exec(arn)?.[1];
}

/** `targetgroup/checkout/943f017f100becff` from the ARN of a target group; undefined for any other. */
export function targetGroupDimension(arn: string): string | undefined {
  return /:(targetgroup\/[^/]+\/[^/]+)$/.exec(arn)?.[1];
}

/** `aws`, `aws-cn`, `aws-us-gov`, …: every region belongs to one. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}
