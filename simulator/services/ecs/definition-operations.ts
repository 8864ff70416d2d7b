import type {
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import { pageOf } from '../paging.ts';
import { showDefinition } from './show.ts';
import type { TaskDefinitions } from './task-definitions.ts';

/** No resource-level permission for any of them; registering also needs iam:PassRole for its roles, ecs:TagResource for its tags. */
const everything = () => ['*'];

export function definitionOperations(
  definitions: TaskDefinitions,
  account: SimulatedAccount,
): Record<string, Operation> {
  const register: Operation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse> = {
    resources: everything,
    conditions: ({ tags = [] }) =>
      Object.fromEntries(tags.map(({ key, value = '' }) => [`aws:RequestTag/${key}`, value])),
    run(input, { principal }) {
      const roles = [input.taskRoleArn, input.executionRoleArn].filter((role) => role !== undefined);
      if (roles.some((role) => !/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(role))) {
        throw new AwsError('ClientException', 'Role is not valid');
      }
      if (roles.length > 0) {
        account.iam.authorize(principal, 'iam:PassRole', roles, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' });
      }
      if (input.tags?.length) {
        const arn = account.arn('ecs', `task-definition/${input.family}:*`);
        account.iam.authorize(principal, 'ecs:TagResource', [arn], { 'ecs:CreateAction': 'RegisterTaskDefinition' });
      }
      const record = definitions.register(input);
      return { taskDefinition: showDefinition(record), ...(input.tags ? { tags: input.tags } : {}) };
    },
  };

  const describe: Operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse> = {
    resources: everything,
    run({ taskDefinition: reference = '', include = [] }) {
      const record = definitions.find(reference);
      if (!record) throw new AwsError('ClientException', 'Unable to describe task definition.');
      const tags = include.includes('TAGS') ? { tags: record.input.tags ?? [] } : {};
      return { taskDefinition: showDefinition(record), ...tags };
    },
  };

  const deregister: Operation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse> = {
    resources: everything,
    run({ taskDefinition: reference = '' }) {
      const record = reference.includes(':') ? definitions.find(reference) : undefined;
      if (!record) throw new AwsError('ClientException', 'Unable to describe task definition.');
      record.status = 'INACTIVE';
      record.deregisteredMs ??= account.clock.now();
      return { taskDefinition: showDefinition(record) };
    },
  };

  const list: Operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse> = {
    resources: everything,
    run({ familyPrefix, status = 'ACTIVE', sort, nextToken, maxResults }) {
      const arns = definitions.all
        .filter((record) => familyPrefix === undefined || record.family === familyPrefix)
        .filter((record) => record.status === status)
        .sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : a.revision - b.revision))
        .map(({ arn }) => arn);
      if (sort === 'DESC') arns.reverse();
      const { page, next } = pageOf(arns, nextToken, maxResults ?? 100);
      return { taskDefinitionArns: page, ...(next === undefined ? {} : { nextToken: next }) };
    },
  };

  return {
    RegisterTaskDefinition: register,
    DescribeTaskDefinition: describe,
    DeregisterTaskDefinition: deregister,
    ListTaskDefinitions: list,
  };
}
