/**
 * The account's front door. One call: read it, let a fault speak, let its latency pass, authorize, run, record, answer.
 * SigV4's access key says who calls; the signature itself is not checked.
 */
import type { Clock } from '../clock.ts';
import type { Iam } from '../iam.ts';
import type { Random } from '../random.ts';
import {
  AwsError,
  type CallRecord,
  type FaultEffect,
  type FaultPoint,
  type Operation,
  type Principal,
  type SimulatedService,
} from '../service.ts';
import { claimOf, type ParsedRequest, parseRequest, toBytes, type WireRequest, type WireResponse } from './http.ts';
import { json } from './json.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { query } from './query.ts';
import { restJson } from './rest-json.ts';
import { s3 } from './s3.ts';
import { operationShape } from './schema.ts';

export type { WireRequest, WireResponse } from './http.ts';

/** What the wire needs of an account. */
export interface WireHost {
  readonly id: string;
  readonly region: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly iam: Iam;
  readonly calls: CallRecord[];
  readonly unknownOperations: string[];
  fault(point: FaultPoint): FaultEffect | undefined;
}

const protocols: Readonly<Record<SimulatedService['protocol'], Protocol>> = {
  json,
  query,
  s3,
  'rest-json': restJson,
};

/** Virtual milliseconds of a call whose operation says nothing else. */
const defaultLatencyMs = 20;

export class Wire {
  readonly #host: WireHost;
  readonly #services: ReadonlyMap<string, SimulatedService>;
  readonly #random: Random;

  constructor(host: WireHost, services: readonly SimulatedService[]) {
    this.#host = host;
    this.#services = new Map(services.map((service) => [service.endpointPrefix, service]));
    this.#random = host.random.fork('wire');
  }

  async handle(wireRequest: WireRequest): Promise<WireResponse> {
    const request = parseRequest(wireRequest);
    const claim = claimOf(request.headers);
    const prefix = claim?.service ?? prefixOf(request.hostname);
    const service = this.#services.get(prefix);
    if (!service) return this.#unknownService(prefix, request);
    const exchange = { service, request, requestId: this.#random.uuid() };
    const response = await this.#call(exchange, claim?.accessKeyId);
    return { ...response, headers: { ...response.headers, date: new Date(this.#host.clock.now()).toUTCString() } };
  }

  async #call(exchange: Exchange, accessKeyId: string | undefined): Promise<WireResponse> {
    const { service, request } = exchange;
    const protocol = protocols[protocolOf(service, request)];
    const name = protocol.operationOf(service, request) ?? '';
    const call: Call = { name, principal: undefined, resources: [] };
    try {
      const shape = operationShape(service, name);
      const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
      call.principal = this.#identify(protocol, accessKeyId);
      if (!shape || !operation) {
        this.#host.unknownOperations.push(`${service.iamPrefix}:${name}`);
        throw protocol.answers.unknownOperation(service, name);
      }
      const output = await this.#perform(exchange, operation, call, protocol.decode(shape, request));
      const response = protocol.encode(shape, output, exchange);
      this.#record(service, call);
      return response;
    } catch (error) {
      if (!(error instanceof AwsError)) throw this.#broken(error);
      const worded = error.code === 'AccessDenied' ? protocol.answers.accessDenied(service, error.message) : error;
      this.#record(service, call, worded.code);
      return protocol.encodeError(worded, exchange);
    }
  }

  async #perform(exchange: Exchange, operation: Operation, call: Call, input: unknown): Promise<unknown> {
    const { service, requestId } = exchange;
    const principal = call.principal as Principal;
    call.resources = operation.resources(input);
    const effect = this.#host.fault({
      kind: 'call',
      service: service.iamPrefix,
      operation: call.name,
      principal: principal.arn,
      input,
    });
    await this.#host.clock.sleep((operation.latencyMs ?? defaultLatencyMs) + (effect?.delayMs ?? 0));
    if (effect?.error) throw effect.error;
    const conditions = {
      'aws:RequestedRegion': this.#host.region,
      // There is one account, so whatever there is belongs to it.
      'aws:ResourceAccount': this.#host.id,
      ...operation.conditions?.(input),
    };
    for (const action of actionsOf(service, operation, call.name, input))
      this.#host.iam.authorize(principal, action, call.resources, conditions);
    const output = await operation.run(input, { principal, requestId });
    if (effect?.errorAfter) throw effect.errorAfter;
    return output;
  }

  #identify(protocol: Protocol, accessKeyId: string | undefined): Principal {
    if (accessKeyId === undefined) throw protocol.answers.noCredentials();
    const principal = this.#host.iam.principalOf(accessKeyId);
    if (!principal) throw protocol.answers.unknownKey();
    return principal;
  }

  #record(service: SimulatedService, call: Call, error?: string): void {
    this.#host.calls.push({
      time: this.#host.clock.iso(),
      service: service.iamPrefix,
      operation: call.name,
      principal: call.principal?.arn ?? 'unknown',
      resources: call.resources,
      ...(error === undefined ? {} : { error }),
    });
  }

  /** A fault of the simulated account itself must end the run: the caller would retry it as if it were AWS's. */
  #broken(error: unknown): unknown {
    this.#host.clock.after(0, () => {
      throw error;
    });
    return error;
  }

  /** A real endpoint would not resolve; the run reports it all the same. */
  #unknownService(prefix: string, request: ParsedRequest): WireResponse {
    const operation = (request.headers['x-amz-target'] ?? '').split('.')[1] ?? `${request.method} ${request.pathname}`;
    this.#host.unknownOperations.push(`${prefix}:${operation}`);
    const body = { __type: 'UnknownOperationException', message: `No service ${prefix} in the simulated account.` };
    return {
      status: 404,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'UnknownOperationException' },
      body: toBytes(JSON.stringify(body)),
    };
  }
}

/** One call while it is under way. */
interface Call {
  readonly name: string;
  principal: Principal | undefined;
  resources: readonly string[];
}

/** Older clients (boto3, the AWS CLI) speak the Query protocol to services whose newer ones speak JSON. */
function protocolOf(service: SimulatedService, request: ParsedRequest): SimulatedService['protocol'] {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return service.queryToo && form ? 'query' : service.protocol;
}

function actionsOf(service: SimulatedService, operation: Operation, name: string, input: unknown): readonly string[] {
  const { actions } = operation;
  if (actions === undefined) return [`${service.iamPrefix}:${name}`];
  return typeof actions === 'function' ? actions(input) : actions;
}

/** `ecs.eu-west-1.amazonaws.com` -> `ecs`; `bucket.s3.eu-west-1.amazonaws.com` -> `s3`. */
function prefixOf(hostname: string): string {
  const labels = hostname.split('.');
  return labels.includes('s3') ? 's3' : (labels[0] ?? '');
}
