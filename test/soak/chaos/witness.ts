/** Looks over every Lambda's shoulder: what it changes, on whose behalf, and whether doing it twice changes more. */
import { createHash } from 'node:crypto';
import { workflowFunctions } from '../../../lib/constructs/function-names.ts';
import type { RollbackContext } from '../../../lib/domain/model.ts';
import { checkpointKey } from '../../../lib/domain/names.ts';
import { operator } from '../../../simulator/iam.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import type { FaultEffect, FaultPoint } from '../../../simulator/service.ts';
import type { InvocationResult } from '../../../simulator/services/lambda.ts';
import { describeWorld } from '../../../simulator/world/describe.ts';
import { functionOf } from './faults.ts';

/** Calls that change what is protected. */
const changing =
  /^(UpdateService|StopServiceDeployment|ContinueServiceDeployment|CreateDeployment|StopDeployment|Modify(Rule|Listener)|CreateDB(Cluster)?Snapshot)$/;

export interface Change {
  readonly atMs: number;
  readonly operation: string;
  readonly executionArn: string;
  readonly rollbackId: string;
  /** No fault kept it from taking effect. */
  readonly took: boolean;
}

export class Witness {
  /** Requests that change the protected service, as they were sent. */
  readonly changes: Change[] = [];
  /** What was wrong at the moment it happened. */
  readonly wrong: string[] = [];
  replays = 0;
  /** ARNs of executions that a person has redriven. */
  readonly redriven = new Set<string>();
  /** A permission was taken away: requests may be refused that no fault refuses. */
  permissionLost = false;
  readonly #run: LiveRun;
  readonly #inFlight = new Map<string, RollbackContext[]>();
  #busy = 0;

  /** @param again every invocation that succeeds is made once more at once, and must change nothing more */
  constructor(run: LiveRun, again: boolean) {
    this.#run = run;
    const { lambda } = run.account;
    const invoke = lambda.invoke.bind(lambda);
    lambda.invoke = async (arn, payload) => {
      const begunBusy = this.#busy++;
      const earlier = lambda.invocations.length;
      try {
        const result = await this.#during(arn, payload, () => invoke(arn, payload));
        // Another one in between may have changed what this one looks at.
        const alone = begunBusy === 0 && this.#busy === 1 && lambda.invocations.length <= earlier + 1;
        if (again && isOfRollbacks(arn) && !result.functionError && alone)
          await this.#repeat(arn, () => this.#during(arn, payload, () => invoke(arn, payload)));
        return result;
      } finally {
        this.#busy -= 1;
      }
    };
  }

  /** @param effect what a fault makes of the call */
  see(point: FaultPoint, effect: FaultEffect | undefined): void {
    if (point.kind !== 'call' || point.principal === operator.arn) return;
    if (!changing.test(point.operation)) return;
    if (functionOf(point.principal) === 'GiveBack') {
      this.#judgeGivingBack(point.input as WeightsInput);
      return;
    }
    const contexts = this.#inFlight.get(functionOf(point.principal) ?? '') ?? [];
    const owner = this.lock()?.owner?.executionArn;
    const context = contexts.find(({ executionArn }) => executionArn === owner) ?? contexts[0];
    if (!context) {
      this.#note(`${point.operation} by ${point.principal} belongs to no rollback`);
      return;
    }
    const { executionArn, rollbackId } = context;
    const took = effect?.error === undefined;
    this.changes.push({
      atMs: this.#run.account.clock.now(),
      operation: point.operation,
      executionArn,
      rollbackId,
      took,
    });
    if (owner !== executionArn)
      this.#note(`${point.operation} of ${rollbackId} while ${owner ?? 'nobody'} has the lock`);
    if (!this.#stored(checkpointKey(rollbackId)))
      this.#note(`${point.operation} of ${rollbackId} before its checkpoint`);
    if (point.operation.startsWith('Modify')) this.#judgeWeights(point.input as WeightsInput);
  }

  /** On a schedule as well, so that it may hold no lock. It gives back what was there, and moves nobody. */
  #judgeGivingBack(input: WeightsInput): void {
    const owner = this.lock()?.owner?.executionArn;
    const running = this.#run.account.states.executions.find(({ arn }) => arn === owner)?.status === 'RUNNING';
    const own = (this.#inFlight.get('GiveBack') ?? []).some(({ executionArn }) => executionArn === owner);
    if (running && !own) this.#note(`GiveBack changes a rule while ${owner} has the lock`);
    if (this.#shares(input).some(({ before, after }) => before !== after)) this.#note('GiveBack moves weights');
  }

  /** Of every target group that a request names, its weight by the rule as it stands and by the request. */
  #shares({ RuleArn, Actions = [] }: WeightsInput): { group: string; before: number; after: number }[] {
    const share = (actions: readonly WeightsAction[]): Map<string, number> => {
      const groups = actions.flatMap((action) => action.ForwardConfig?.TargetGroups ?? []);
      const sum = groups.reduce((total, { Weight = 1 }) => total + Weight, 0);
      return new Map(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight / (sum || 1)]));
    };
    const [before, after] = [share(this.#run.account.elbv2.rule(RuleArn ?? '').actions), share(Actions)];
    return [...after].map(([group, now]) => ({ group, before: before.get(group) ?? 0, after: now }));
  }

  lock(): { owner?: { executionArn: string }; token?: number } | undefined {
    const { dynamodb } = this.#run.account;
    for (const table of dynamodb.tables)
      for (const item of dynamodb.items(table))
        if (item.sk?.S === 'LOCK') {
          const owner = item.owner?.M?.executionArn?.S;
          return { token: Number(item.token?.N), ...(owner !== undefined && { owner: { executionArn: owner } }) };
        }
    return undefined;
  }

  async #during(arn: string, payload: unknown, work: () => Promise<InvocationResult>): Promise<InvocationResult> {
    const name = functionOf(arn.split(':')[6] ?? '') ?? '';
    const context = (payload as { context?: RollbackContext } | null)?.context;
    const present = this.#inFlight.get(name) ?? [];
    this.#inFlight.set(name, present);
    if (context) present.push(context);
    try {
      return await work();
    } finally {
      if (context) present.splice(present.indexOf(context), 1);
    }
  }

  async #repeat(arn: string, work: () => Promise<unknown>): Promise<void> {
    const { account } = this.#run;
    const before = this.#fingerprint();
    const changesBefore = this.changes.length;
    const others = account.lambda.invocations.length;
    // What the second one says is of no interest: it may well refuse.
    await work().catch(() => undefined);
    if (account.lambda.invocations.length > others + 1 || this.#busy > 1) return;
    this.replays += 1;
    const name = functionOf(arn.split(':')[6] ?? '') ?? arn;
    const after = this.#fingerprint();
    // A second pass of Compensate finds the change of the first made, and may say that this was all.
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (before[key] !== after[key] && !/#Compensate#1#/.test(key))
        this.#note(`${name} twice: ${key} was ${before[key] ?? 'absent'}, is ${after[key] ?? 'absent'}`);
    const again = this.changes.slice(changesBefore).at(-1)?.operation;
    // A snapshot has the same name each time: RDS refuses the second, and the fingerprint above would show one that it took.
    if (again !== undefined && !/^CreateDB(?:Cluster)?Snapshot$/.test(again))
      this.#note(`${name} twice: ${again} was sent again`);
  }

  /** What Backstep is responsible for, piece by piece; the world's own movements are left out. */
  #fingerprint(): Record<string, string> {
    const { account } = this.#run;
    const told = account.sns.published.filter(({ subject = '' }) => !/^(ALARM|OK): /.test(subject));
    const pieces: Record<string, string> = { published: String(told.length) };
    const world = describeWorld(account);
    for (const [name, { taskDefinition }] of Object.entries(world.services)) pieces[`service ${name}`] = taskDefinition;
    pieces.weights = JSON.stringify(world.weights);
    for (const bucket of account.s3.buckets)
      for (const { key, body } of account.s3.list(bucket))
        pieces[`s3 ${key}`] = createHash('sha256').update(stable(body)).digest('hex').slice(0, 8);
    for (const table of account.dynamodb.tables)
      for (const item of account.dynamodb.items(table)) {
        const sk = item.sk?.S ?? '';
        // A second look may find other words for the same thing, not another thing.
        const kind = item.kind?.S?.replace(/^(check|verdict)\..*/, '$1');
        const content = sk.startsWith('TIMELINE#') ? { kind } : item;
        pieces[`item ${sk}`] = JSON.stringify(content);
      }
    return pieces;
  }

  /** A step leaves some traffic where it was: only groups that gain need targets. */
  #judgeWeights(input: WeightsInput): void {
    const { account } = this.#run;
    const shares = this.#shares(input);
    if (shares.every(({ after }) => after === 0)) this.#note('all weights zero were asked for');
    const largest = Math.max(...account.ecs.services.map(({ desiredCount }) => desiredCount));
    for (const { group } of shares.filter(({ before, after }) => after > before + 0.002)) {
      const targets = [...(account.elbv2.targetGroups.get(group)?.targets.values() ?? [])];
      const healthy = targets.filter(({ state }) => state === 'healthy').length;
      if (healthy < Math.ceil(largest / 2)) this.#note(`traffic moves to ${group} with ${healthy} healthy targets`);
    }
  }

  #stored(key: string): boolean {
    const { s3 } = this.#run.account;
    return s3.buckets.some((bucket) => s3.get(bucket, key) !== undefined);
  }

  #note(what: string): void {
    this.wrong.push(`${this.#run.account.clock.iso()} ${what}`);
  }
}

/** A report says how far the snapshot is, and that goes on by itself. */
const stable = (body: Uint8Array): string =>
  Buffer.from(body)
    .toString('utf8')
    .replace(/creating, \d+ %|available/g, 'creating');

/** The others run on a schedule, and write down when they last did. */
const isOfRollbacks = (functionArn: string): boolean =>
  [...workflowFunctions, 'RecordRelease'].some((name) => name === functionOf(functionArn.split(':')[6] ?? ''));

interface WeightsInput {
  readonly RuleArn?: string;
  readonly Actions?: readonly WeightsAction[];
}

interface WeightsAction {
  readonly ForwardConfig?:
    | {
        readonly TargetGroups?:
          | readonly { TargetGroupArn?: string | undefined; Weight?: number | undefined }[]
          | undefined;
      }
    | undefined;
}
