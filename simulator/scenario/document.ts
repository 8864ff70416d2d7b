/** What one run of a scenario found: the document of `backstep simulate --json`. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import type { WorldDocument } from '../world/describe.ts';

export interface ScenarioDocument {
  /** The scenario's name. */
  readonly scenario: string;
  readonly seed: number;
  readonly passed: boolean;
  readonly failures: readonly Failure[];
  readonly executions: readonly ExecutionDocument[];
  readonly account: WorldDocument;
  readonly timeline: readonly TimelineDocument[];
  /** `service:Operation` to the number of requests that Backstep's roles sent, refused and throttled ones included. */
  readonly calls: Readonly<Record<string, number>>;
  /** As Step Functions bills them, over all executions. */
  readonly stateTransitions: number;
  readonly bundles: readonly BundleDocument[];
}

export interface Failure {
  readonly path: string;
  readonly expected: Json;
  readonly actual: Json;
}

export interface ExecutionDocument {
  readonly arn: string;
  readonly name: string;
  readonly startedAt: string;
  readonly stoppedAt?: string;
  /** Parsed where it is JSON, the text where it is not. */
  readonly input: Json;
  readonly status: string;
  readonly output?: Json;
  readonly error?: string;
  /** Parsed where it is JSON. */
  readonly cause?: Json;
  readonly history: readonly HistoryEvent[];
}

export interface TimelineDocument {
  readonly time: string;
  readonly service: string;
  readonly kind: string;
  readonly message: string;
  readonly data: Json;
}

export interface BundleDocument {
  readonly functionName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly invocations: number;
}
