import type { AwsError, SimulatedService } from '../service.ts';
import type { ParsedRequest, WireResponse } from './http.ts';
import type { OperationShape } from './schema.ts';

/** One of AWS's protocols, seen from the server. */
export interface Protocol {
  /** The operation's name as the request asks for it; undefined when it names none. */
  operationOf(service: SimulatedService, request: ParsedRequest): string | undefined;
  decode(shape: OperationShape, request: ParsedRequest): unknown;
  encode(shape: OperationShape, output: unknown, exchange: Exchange): WireResponse;
  encodeError(error: AwsError, exchange: Exchange): WireResponse;
  /** The answers that AWS words differently by protocol. */
  readonly answers: {
    unknownOperation(service: SimulatedService, operation: string): AwsError;
    unknownKey(): AwsError;
    noCredentials(): AwsError;
    accessDenied(service: SimulatedService, message: string): AwsError;
  };
}

export interface Exchange {
  readonly service: SimulatedService;
  readonly request: ParsedRequest;
  readonly requestId: string;
}
