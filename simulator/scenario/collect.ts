/** Reads the document of a run out of the account as it is at the end: its real table, histories and services. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import { operator } from '../iam.ts';
import type { Item } from '../services/dynamodb.ts';
import type { Execution } from '../services/states.ts';
import { describeWorld } from '../world/describe.ts';
import { isApprover } from './answers.ts';
import type { BundleDocument, ExecutionDocument, Failure, ScenarioDocument, TimelineDocument } from './document.ts';
import { rollbacksOf } from './executions.ts';
import { unmet } from './expectations.ts';
import type { LiveRun } from './run.ts';

export function collect(run: LiveRun): ScenarioDocument {
  const { account, scenario } = run;
  const found = {
    executions: rollbacksOf(run).map(executionDocument),
    account: describeWorld(account),
    timeline: timelineOf(run),
    calls: callsOf(run),
  };
  const failures = [...unmet(scenario.expect, found), ...unknownOperations(run)];
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    passed: failures.length === 0,
    failures,
    ...found,
    stateTransitions: account.states.stateTransitions,
    bundles: bundlesOf(run),
  };
}

export function executionDocument(execution: Execution): ExecutionDocument {
  const { arn, name, status, startMs, stopMs, output, error, cause, history } = execution;
  return {
    arn,
    name,
    startedAt: new Date(startMs).toISOString(),
    ...(stopMs === undefined ? {} : { stoppedAt: new Date(stopMs).toISOString() }),
    input: parsed(execution.input),
    status,
    ...(output === undefined ? {} : { output: parsed(output) }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause: parsed(cause) }),
    history: history.map(withoutToken),
  };
}

/** What stands in a document for a task token: whoever has one can answer for everybody. */
export const hiddenToken = '(hidden)';

/** GetExecutionHistory shows it, as AWS's does. A run's document gets attached to issues. */
function withoutToken(event: HistoryEvent): HistoryEvent {
  const { taskScheduledEventDetails: scheduled } = event;
  if (!scheduled?.parameters?.includes('"taskToken"')) return event;
  const parameters = scheduled.parameters.replace(/("taskToken"\s*:\s*)"[^"]*"/g, `$1"${hiddenToken}"`);
  return { ...event, taskScheduledEventDetails: { ...scheduled, parameters } };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

// ---------------------------------------------------------------- timeline, from the deployed table

export function timelineOf({ account, stack }: LiveRun): TimelineDocument[] {
  return Object.values(stack.resources)
    .filter(({ type }) => type === 'AWS::DynamoDB::Table' || type === 'AWS::DynamoDB::GlobalTable')
    .flatMap(({ physicalId }) => account.dynamodb.items(physicalId))
    .filter((item) => item.sk?.S?.startsWith('TIMELINE#'))
    .map((item) => ({ key: item.sk?.S ?? '', entry: timelineEntry(item) }))
    .sort((a, b) => compare(a.entry.time, b.entry.time) || compare(orderOf(a.key), orderOf(b.key)))
    .map(({ entry }) => entry);
}

/** Entries of one instant keep the order in which they were written, which their keys end with. */
const orderOf = (key: string): string => key.split('#').slice(2).join('#');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function timelineEntry(item: Item): TimelineDocument {
  const plain = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  return {
    time: String(plain.time),
    service: String(plain.service),
    kind: String(plain.kind),
    message: String(plain.message),
    data: plain.data ?? null,
  };
}

function plainValue(value: AttributeValue): Json {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(plainValue);
  if (value.M !== undefined)
    return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plainValue(inner)]));
  if (value.SS !== undefined) return [...value.SS];
  return null;
}

// ---------------------------------------------------------------- calls and bundles

function callsOf({ account }: LiveRun): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { service, operation, principal } of account.calls) {
    if (principal === operator.arn || isApprover(principal)) continue;
    const call = `${service}:${operation}`;
    counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => compare(a, b)));
}

function bundlesOf({ account }: LiveRun): BundleDocument[] {
  return account.lambda.bundles.map(({ functionName, sha256, bytes }) => ({
    functionName,
    sha256,
    bytes,
    invocations: account.lambda.invocations.filter((one) => one.functionName === functionName).length,
  }));
}

/** Something called an operation that the simulated account does not have: what follows from that proves nothing. */
function unknownOperations({ account }: LiveRun): Failure[] {
  const unknown = [...new Set(account.unknownOperations)].sort(compare);
  return unknown.length === 0 ? [] : [{ path: 'unknownOperations', expected: [], actual: unknown }];
}
