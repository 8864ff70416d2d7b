import * as schemas from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export interface ProbeRequest {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly cookies?: Readonly<Record<string, string>>;
}

export interface ProbeResponse {
  readonly status: number;
  readonly body: string;
  readonly latencyMs: number;
}

/** Application Load Balancers: rules, weights, stickiness, target health. */
export class Elbv2 implements SimulatedService {
  readonly endpointPrefix = 'elasticloadbalancing';
  readonly iamPrefix = 'elasticloadbalancing';
  readonly protocol = 'query';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}

  /** Answers one request as a client would see it; undefined when no load balancer has that host. */
  respond(_request: ProbeRequest): ProbeResponse | undefined {
    throw new Error('Elbv2.respond is not built yet');
  }
}
