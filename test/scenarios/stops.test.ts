/**
 * S6: a rollback that is stopped leaves a report, its lock is free, and it gives back what it owes, whatever state it was
 * stopped in. Each state has a service of its own, in one account.
 */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { operator } from '../../simulator/iam.ts';
import { rollbacksOf } from '../../simulator/scenario/executions.ts';
import { parseScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, type LiveRun, runScenario } from '../../simulator/scenario/run.ts';
import type { Execution } from '../../simulator/services/states.ts';
import { variation } from '../variations.ts';
import { fleetAccount, fleetConfiguration, fleetNames } from './fleet.ts';
import { pairNames, pairRule, pairsAccount, pairsConfiguration } from './pairs.ts';
import { confirm, examples } from './shop.ts';

interface Fleet {
  readonly names: readonly string[];
  readonly config: object;
  readonly account: object;
  readonly until: string;
}

/** Plays one rollback of every service, and stops each as soon as it has entered its state. */
async function stopEach(states: readonly string[], fleet: Fleet, prepare = (_run: LiveRun): void => {}) {
  const stopIn = new Map(fleet.names.map((name, index) => [name, states[index]]));
  const scenario = parseScenario(
    {
      name: 'given many services, when the rollback of each is stopped in another state, then each gives everything back',
      config: fleet.config as never,
      account: fleet.account as never,
      events: fleet.names.map((service) => ({
        at: 'PT1M',
        type: 'start',
        input: { service, version: 'revision-1', confirm },
      })),
      until: fleet.until,
    },
    'stops',
  );
  let begun = false;
  const run = await runScenario(scenario, {
    synthesize,
    baseDir: briefly(),
    watch: {
      everySeconds: 24 * 3600,
      look: (live) => {
        if (begun) return;
        begun = true;
        prepare(live);
        watchFor(live, stopIn);
      },
    },
  });
  return { run, stopIn };
}

/** The example's runbook with one trigger: many services with all of them are too many alarms for one template. */
function briefly(): string {
  const baseDir = mkdtempSync(join(tmpdir(), 'backstep-stops-'));
  const runbook = JSON.parse(readFileSync(join(examples.oneSide, 'runbooks/checkout.json'), 'utf8'));
  runbook.trigger_conditions = runbook.trigger_conditions.slice(0, 1);
  mkdirSync(join(baseDir, 'runbooks'));
  writeFileSync(join(baseDir, 'runbooks/checkout.json'), JSON.stringify(runbook));
  return baseDir;
}

/** A transition takes 25 ms: every state is seen. */
function watchFor(live: LiveRun, stopIn: ReadonlyMap<string, string | undefined>): void {
  const { clock, states } = live.account;
  const look = (): void => {
    const rollbacks = rollbacksOf(live);
    if (rollbacks.length === stopIn.size && rollbacks.every(({ status }) => status !== 'RUNNING')) return;
    for (const execution of rollbacks) {
      if (execution.status === 'RUNNING' && lastState(execution) === stopIn.get(serviceOf(execution)))
        states.operations.StopExecution?.run(
          { executionArn: execution.arn, cause: 'a test' },
          { principal: operator, requestId: 'test' },
        );
    }
    clock.after(10, look);
  };
  clock.after(0, look);
}

const serviceOf = ({ input }: Execution): string => (JSON.parse(input) as { service: string }).service;
const lastState = ({ history }: Execution): string | undefined =>
  history.findLast(({ stateEnteredEventDetails }) => stateEnteredEventDetails)?.stateEnteredEventDetails?.name;

const itemsOf = ({ account, stack }: FinishedRun, sk: string): Record<string, unknown>[] =>
  Object.values(stack.resources)
    .filter(({ type }) => type === 'AWS::DynamoDB::Table')
    .flatMap(({ physicalId }) => account.dynamodb.items(physicalId))
    .map((item) => unmarshall(item))
    .filter((item) => String(item.sk).startsWith(sk));
const bucketOf = ({ stack }: FinishedRun): string =>
  Object.values(stack.resources).find(({ type }) => type === 'AWS::S3::Bucket')?.physicalId ?? '';

function reportOf(run: FinishedRun, execution: Execution): { outcome: string; reason: string } | undefined {
  const rollback = itemsOf(run, 'ROLLBACK#').find(({ executionArn }) => executionArn === execution.arn);
  const found = rollback && run.account.s3.get(bucketOf(run), `reports/${rollback.rollbackId}/report.json`);
  return found && JSON.parse(Buffer.from(found.body).toString()).execution;
}

/** What has to hold of every service, whatever its rollback was stopped in. */
function expectGivenBack(run: FinishedRun, stopIn: ReadonlyMap<string, string | undefined>): void {
  const seen = rollbacksOf(run).map((execution) => ({
    state: stopIn.get(serviceOf(execution)),
    stoppedIn: lastState(execution),
    status: execution.status,
    outcome: reportOf(run, execution)?.outcome ?? 'no report',
  }));
  const decided = ['GiveBack', 'Report'];
  expect(seen).toEqual(
    [...stopIn.values()].map((state) => ({
      state,
      stoppedIn: state,
      status: 'ABORTED',
      outcome: decided.includes(state ?? '')
        ? expect.stringMatching(/verified|halted/)
        : state === 'Reported'
          ? 'verified'
          : 'halted',
    })),
  );
  expect(itemsOf(run, 'LOCK').filter(({ owner }) => owner !== undefined)).toEqual([]);
  expect(itemsOf(run, 'OWED#').filter(({ settledAt }) => settledAt === undefined)).toEqual([]);
  expect(itemsOf(run, 'APPROVAL').filter(({ answer }) => answer === undefined)).toEqual([]);
  const reaps = run.account.states.executions.filter((one) => one.stateMachineArn.endsWith('-reap'));
  expect(reaps.map(({ status }) => status)).toEqual(reaps.map(() => 'SUCCEEDED'));
  expect(reaps).toHaveLength(seen.length);
  expect(run.document.failures).toEqual([]);
}

const definition = JSON.parse(readFileSync(join(import.meta.dirname, '../../statemachines/rollback.asl.json'), 'utf8'));

/** In the order of a rollback that asks, takes a snapshot and moves traffic in steps. */
const moving = [
  ...['Admit', 'Admitted', 'Plan', 'Planned', 'RequestApproval', 'ApprovalExpired', 'AcceptApproval', 'Accepted'],
  ...['NextAction', 'StartSnapshot', 'SnapshotStarted', 'WaitForSnapshot', 'CheckSnapshot', 'SnapshotJudged'],
  ...['ActionDone', 'ShiftTraffic', 'WaitForTraffic', 'CheckTraffic', 'TrafficJudged', 'Mitigated', 'VerifyHealth'],
  ...['Verified', 'WaitForHealth', 'AfterVerification', 'ScaleIn', 'ActionsDone', 'GiveBack', 'Report', 'Reported'],
];
const reverting = ['RevertService', 'WaitForService', 'CheckService', 'ServiceJudged'];
const undoing = ['Halted', 'MayCompensate', 'BeginCompensation', 'Compensate', 'Compensated', 'WaitForCompensation'];

test('every state that a stop can leave a rollback in is stopped in', () => {
  const never = new Set([
    // Of one that takes another over: take-over.test.ts stops in it.
    'Settle',
    'UnknownAction',
    'SnapshotBroke',
    'Blocked',
    'GiveUp',
    'Done',
    'NeedsAPerson',
    'InvalidInput',
    'NotAdmitted',
    'NotReported',
  ]);
  const states = Object.keys(definition.States).filter((state) => !never.has(state));
  expect([...moving, ...reverting, ...undoing].sort()).toEqual(states.sort());
});

describe('a rollback that is stopped', { timeout: 180_000 }, () => {
  variation('in any state of asking, snapshot and steps', async () => {
    const policy = {
      ...{ strategy: 'canary', steps: { canary: [10, 100] }, stepSeconds: 60, bakeMinutes: 1, badSide: 'scale-in' },
      ...{ unknownMigrations: 'ask', approvalMinutes: 1, approvalDefault: 'approve', awaitBackup: true },
    };
    const fleet: Fleet = {
      names: pairNames(moving.length),
      config: pairsConfiguration(moving.length, policy),
      account: pairsAccount(moving.length),
      until: 'PT30M',
    };
    const { run, stopIn } = await stopEach(moving, fleet);
    expectGivenBack(run, stopIn);
    for (const [index] of moving.entries()) {
      const [forward] = run.account.elbv2.rule(pairRule(index)).actions;
      expect(forward?.ForwardConfig?.TargetGroupStickinessConfig).toMatchObject({
        Enabled: true,
        DurationSeconds: 600,
      });
      const weights = (forward?.ForwardConfig?.TargetGroups ?? []).map(({ Weight }) => Weight ?? 0);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100);
    }
  });

  test('in any state of a revert', async () => {
    const names = fleetNames(reverting.length);
    const fleet: Fleet = {
      names,
      config: fleetConfiguration(names.length, { bakeMinutes: 1 }),
      account: onRevision2(fleetAccount(names.length)),
      until: 'PT20M',
    };
    const { run, stopIn } = await stopEach(reverting, fleet);
    expectGivenBack(run, stopIn);
  });

  variation('in any state of undoing', async () => {
    const names = fleetNames(undoing.length);
    const fleet: Fleet = {
      names,
      config: fleetConfiguration(names.length, { bakeMinutes: 1 }),
      account: onRevision2(fleetAccount(names.length)),
      until: 'PT30M',
    };
    const { run, stopIn } = await stopEach(undoing, fleet, ({ account }) => {
      for (const name of names) {
        const target = account.ecs.definitions.find(`${name}:1`);
        if (target) account.ecs.setBehaviour(`${name}:1`, { ...target.behaviour, crashAfterSeconds: 1 });
      }
    });
    expectGivenBack(run, stopIn);
  });
});

/** Nothing is wrong with revision 2: a person goes back for reasons of their own, and no alarm joins in. */
function onRevision2(account: ReturnType<typeof fleetAccount>): object {
  const [good] = account.taskDefinitions ?? [];
  return {
    ...account,
    taskDefinitions: account.taskDefinitions?.map((one) => ({ ...one, behaviour: good?.behaviour })),
    services: account.services?.map((service) => ({
      ...service,
      taskDefinition: service.taskDefinition.replace(':1', ':2'),
    })),
  };
}
