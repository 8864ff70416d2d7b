import type { DescribeParametersRequest, DescribeParametersResult, ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError, type Operation } from '../../service.ts';
import { pageOf } from '../paging.ts';
import type { StoredParameter } from '../ssm.ts';

/** Parameters without their values, by name. There is no resource-level permission for it. */
export function describeParameters(
  newest: () => readonly StoredParameter[],
  arnOf: (name: string) => string,
): Operation<DescribeParametersRequest, DescribeParametersResult> {
  return {
    resources: () => ['*'],
    run({ ParameterFilters: filters = [], MaxResults: size = 50, NextToken: token, Filters: old, Shared: shared }) {
      if (old || shared) throw new Error('DescribeParameters with Filters or Shared is not simulated');
      if (size < 1 || size > 50) throw invalid(`Value '${size}' at 'maxResults'`, 'value less than or equal to 50');
      const named = newest().filter(({ name }) => filters.every((filter) => passes(filter, name)));
      const { page, next } = pageOf(named, token, size);
      return {
        Parameters: page.map(({ name, type, version, tier, description, lastModifiedMs }) => ({
          Name: name,
          ARN: arnOf(name),
          Type: type,
          Version: version,
          Tier: tier,
          ...(description === undefined ? {} : { Description: description }),
          LastModifiedDate: new Date(lastModifiedMs),
          Policies: [],
          DataType: 'text',
        })),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
  };
}

function passes({ Key: key, Option: option = 'Equals', Values: values = [] }: ParameterStringFilter, name: string) {
  if (key !== 'Name' || !['Equals', 'BeginsWith', 'Contains'].includes(option))
    throw new Error(`DescribeParameters with the filter ${key} ${option} is not simulated`);
  if (values.length > 50)
    throw invalid(`Value at 'parameterFilters.1.member.values'`, 'length less than or equal to 50');
  return values.some((value) => {
    if (option === 'Equals') return name === value;
    return option === 'BeginsWith' ? name.startsWith(value) : name.includes(value);
  });
}

const invalid = (where: string, constraint: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: ${where} failed to satisfy constraint: Member must have ${constraint}`,
  );
