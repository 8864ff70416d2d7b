import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import * as schemas from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export interface Datum {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly values?: readonly number[];
  readonly counts?: readonly number[];
  readonly timeMs: number;
}

/** CloudWatch metrics and alarms. */
export class CloudWatch implements SimulatedService {
  readonly endpointPrefix = 'monitoring';
  readonly iamPrefix = 'cloudwatch';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}

  /** Adds a data point, visible to queries and alarms from now on. */
  put(_datum: Datum): void {
    throw new Error('CloudWatch.put is not built yet');
  }

  putAlarm(_input: PutMetricAlarmInput): void {
    throw new Error('CloudWatch.putAlarm is not built yet');
  }
}
