import * as schemas from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

/** Amazon ECS: task definitions, services, rolling deployments, tasks. */
export class Ecs implements SimulatedService {
  readonly endpointPrefix = 'ecs';
  readonly iamPrefix = 'ecs';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}
}
