/**
 * AWS Systems Manager parameters: one per service, with a readable summary and the pointer to its configuration.
 *
 * Calls: ssm:GetParameter, ssm:GetParametersByPath
 */
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  ParameterNotFound,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { serviceParameter } from '../../lib/domain/names.ts';
import { clientOptions } from './client.ts';

const ssm = new SSMClient(clientOptions);

/** Where a service's configuration lies in the bucket, and what its bytes must hash to. */
export interface ConfigurationPointer {
  readonly service: string;
  readonly key: string;
  readonly sha256: string;
  /** Services of the environment that have alarms. */
  readonly alarmedServices: number;
}

/** Undefined when the stack has no such service. */
export async function readPointer(environment: string, service: string): Promise<ConfigurationPointer | undefined> {
  // AWS refuses other characters with an error of its own; a service of ours cannot have them.
  if (!/^[\w.-]+$/.test(service)) return undefined;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: serviceParameter(environment, service) }));
    return pointer(service, Parameter?.Value ?? '{}');
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Every service of the environment, by name. */
export async function listPointers(environment: string): Promise<ConfigurationPointer[]> {
  const prefix = serviceParameter(environment, '');
  const pointers: ConfigurationPointer[] = [];
  let NextToken: string | undefined;
  do {
    const page: GetParametersByPathCommandOutput = await ssm.send(
      new GetParametersByPathCommand({ Path: prefix.replace(/\/$/, ''), ...(NextToken && { NextToken }) }),
    );
    for (const { Name = '', Value = '{}' } of page.Parameters ?? [])
      pointers.push(pointer(Name.slice(prefix.length), Value));
    NextToken = page.NextToken;
  } while (NextToken);
  return pointers.sort((a, b) => a.service.localeCompare(b.service));
}

function pointer(service: string, value: string): ConfigurationPointer {
  const { key, sha256, alarmedServices } = JSON.parse(value) as Record<string, unknown>;
  if (typeof key !== 'string' || typeof sha256 !== 'string') {
    throw new Error(`The parameter of service ${service} names no configuration: deploy Backstep again.`);
  }
  return { service, key, sha256, alarmedServices: typeof alarmedServices === 'number' ? alarmedServices : 0 };
}
