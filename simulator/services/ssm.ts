import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export interface StoredParameter {
  readonly name: string;
  readonly type: 'String' | 'StringList' | 'SecureString';
  readonly value: string;
  readonly version: number;
  readonly tier: 'Standard' | 'Advanced';
  readonly description?: string;
  readonly lastModifiedMs: number;
}

export class Ssm implements SimulatedService {
  readonly endpointPrefix = 'ssm';
  readonly iamPrefix = 'ssm';
  readonly protocol = 'json';
  readonly schemas = {};
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}

  /** Creates or overwrites. Standard parameters hold 4,096 bytes. */
  putParameter(_parameter: {
    readonly name: string;
    readonly value: string;
    readonly type?: StoredParameter['type'];
    readonly tier?: StoredParameter['tier'];
    readonly description?: string;
  }): void {
    throw new Error('not written yet');
  }

  parameter(_name: string): StoredParameter | undefined {
    throw new Error('not written yet');
  }
}
