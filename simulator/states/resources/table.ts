import type { SimulatedAccount } from '../../account.ts';
import type { TaskResource } from '../resource.ts';
import { lambdaInvoke } from './lambda-invoke.ts';

type Maker = (account: SimulatedAccount, roleArn: string) => TaskResource;

/** The service integrations that are implemented, by the name a Task state calls them. */
const resources: Readonly<Record<string, Maker>> = {
  'arn:aws:states:::lambda:invoke': (account, roleArn) => lambdaInvoke(account, roleArn),
  'arn:aws:states:::lambda:invoke.waitForTaskToken': (account, roleArn) => lambdaInvoke(account, roleArn, true),
};

export function isImplemented(resource: string): boolean {
  return Object.hasOwn(resources, resource);
}

export function taskResource(account: SimulatedAccount, roleArn: string, resource: string): TaskResource {
  const make = Object.hasOwn(resources, resource) ? resources[resource] : undefined;
  if (!make) throw new Error(`The resource ${resource} is not implemented.`);
  return make(account, roleArn);
}
