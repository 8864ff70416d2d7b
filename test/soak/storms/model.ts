/**
 * The storm as a model: executions whose Lambdas take one step at a time, in any order, with crashes, stops and a clock
 * that moves in between. What each decides is decided by the real functions; only AWS is played here, and played badly:
 * a Lambda goes on when its execution is stopped, and starts with up to ten seconds of delay.
 */
import { type AdmissionFacts, admit } from '../../../lib/domain/admission.ts';
import {
  decideLock,
  isProved,
  type LockState,
  longestLambdaSeconds,
  type OwnerStatus,
} from '../../../lib/domain/lock.ts';
import type { RollbackRecord } from '../../../lib/domain/model.ts';

/** One thing that happens. `who` picks among the executions there are. */
export type Happening =
  | { readonly kind: 'event'; readonly automatic: boolean }
  | { readonly kind: 'step'; readonly who: number; readonly coldSeconds: number }
  | { readonly kind: 'stop'; readonly who: number }
  | { readonly kind: 'redrive'; readonly who: number }
  | { readonly kind: 'crash'; readonly who: number }
  | { readonly kind: 'wait'; readonly seconds: number };

export const policy = { cooldownMinutes: 10, rollbacksPerDay: 2 } as const;

type Stage = 'admit' | 'plan' | 'revert' | 'report' | 'over';

/** What a Lambda remembers between two steps; gone when it crashes. */
interface Running {
  readonly diesAt: number;
  readonly now: string;
  lock?: { readonly read: LockState | undefined };
  status?: OwnerStatus;
  ledger?: readonly RollbackRecord[];
  proved?: boolean;
}

interface Execution {
  readonly arn: string;
  readonly automatic: boolean;
  readonly startedAt: string;
  stage: Stage;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stoppedAt?: string;
  token?: number;
  lambda?: Running;
}

export interface Variant {
  /** As it once was: the ledger is read before the lock. */
  readonly ledgerFirst?: boolean;
  /** As it once was: after a lost race only the lock is read again. */
  readonly keepsLedger?: boolean;
  /** Takes a dead owner's lock over so many seconds too early. */
  readonly hastySeconds?: number;
  /** Changes without asking for the lock again. */
  readonly unproved?: boolean;
  /** People redrive what was stopped, which brings an owner back from the dead: the race that the token only narrows. */
  readonly redrives?: boolean;
}

export class Storm {
  /** What was wrong, in words. */
  readonly wrong: string[] = [];
  changes = 0;
  takeovers = 0;
  joined = 0;
  #now = Date.parse('2026-11-20T03:00:00Z');
  #lock: LockState | undefined;
  readonly #executions: Execution[] = [];
  readonly #ledger = new Map<string, RollbackRecord>();
  readonly #variant: Variant;

  constructor(variant: Variant = {}) {
    this.#variant = variant;
  }

  happen(happening: Happening): void {
    switch (happening.kind) {
      case 'event':
        this.#executions.push({
          arn: `execution:${this.#executions.length + 1}`,
          automatic: happening.automatic,
          startedAt: this.#iso(),
          stage: 'admit',
          status: 'RUNNING',
        });
        return;
      case 'wait':
        this.#now += happening.seconds * 1_000;
        return;
      case 'stop':
        this.#stop(this.#pick(happening.who, ({ status }) => status === 'RUNNING'));
        return;
      case 'redrive':
        if (this.#variant.redrives) this.#redrive(this.#pick(happening.who, ({ status }) => status === 'ABORTED'));
        return;
      case 'crash':
        delete this.#pick(happening.who, ({ lambda }) => lambda !== undefined)?.lambda;
        return;
      case 'step':
        this.#step(
          this.#pick(happening.who, (one) => this.#canStep(one)),
          happening.coldSeconds,
        );
        return;
    }
  }

  // ---------------------------------------------------------------- AWS, played

  #iso(): string {
    return new Date(this.#now).toISOString();
  }

  #pick(who: number, which: (execution: Execution) => boolean): Execution | undefined {
    const able = this.#executions.filter(which);
    return able[who % Math.max(1, able.length)];
  }

  #alive({ lambda }: Execution): boolean {
    return lambda !== undefined && this.#now < lambda.diesAt;
  }

  /** A stopped execution starts nothing more, but what it has started goes on. */
  #canStep(execution: Execution): boolean {
    return execution.stage !== 'over' && (execution.status === 'RUNNING' || this.#alive(execution));
  }

  #stop(execution: Execution | undefined): void {
    if (!execution) return;
    execution.status = 'ABORTED';
    execution.stoppedAt = this.#iso();
  }

  #redrive(execution: Execution | undefined): void {
    if (!execution || execution.stage === 'over') return;
    execution.status = 'RUNNING';
    delete execution.stoppedAt;
    delete execution.lambda;
  }

  #end(execution: Execution): void {
    execution.stage = 'over';
    delete execution.lambda;
    if (execution.status !== 'RUNNING') return;
    execution.status = 'SUCCEEDED';
    execution.stoppedAt = this.#iso();
  }

  #step(execution: Execution | undefined, coldSeconds: number): void {
    if (!execution) return;
    if (!this.#alive(execution)) {
      delete execution.lambda;
      if (execution.status !== 'RUNNING') return;
      execution.lambda = { diesAt: this.#now + (coldSeconds + longestLambdaSeconds) * 1_000, now: this.#iso() };
    }
    const lambda = execution.lambda as Running;
    if (execution.stage === 'admit') this.#admit(execution, lambda);
    else if (execution.stage === 'plan') this.#plan(execution);
    else if (execution.stage === 'revert') this.#revert(execution, lambda);
    else this.#report(execution);
  }

  #next(execution: Execution, stage: Stage): void {
    delete execution.lambda;
    execution.stage = stage;
  }

  // ---------------------------------------------------------------- the Lambdas, one read or write a step

  #admit(execution: Execution, lambda: Running): void {
    if (this.#variant.ledgerFirst && !lambda.ledger) {
      lambda.ledger = [...this.#ledger.values()];
      return;
    }
    if (!lambda.lock) {
      lambda.lock = { read: this.#lock };
      return;
    }
    const { arn, automatic } = execution;
    const hurry = (this.#variant.hastySeconds ?? 0) * 1_000;
    const now = new Date(Date.parse(lambda.now) + hurry).toISOString();
    const facts = { lock: lambda.lock.read, executionArn: arn, now };
    const decision = decideLock({ ...facts, ...(lambda.status && { ownerStatus: lambda.status }) });
    if (decision.decision === 'ask-owner') {
      const owner = this.#executions.find((one) => one.arn === decision.owner.executionArn);
      lambda.status = owner
        ? { status: owner.status, ...(owner.stoppedAt && { stoppedAt: owner.stoppedAt }) }
        : { status: 'UNKNOWN' };
      return;
    }
    if (decision.decision === 'held' || decision.decision === 'settling') {
      this.joined += 1;
      this.#end(execution);
      return;
    }
    if (decision.decision === 'ours') {
      execution.token = decision.token;
      this.#next(execution, 'plan');
      return;
    }
    if (!lambda.ledger) {
      lambda.ledger = [...this.#ledger.values()];
      return;
    }
    if (automatic && admit(admissionFacts(lambda.now, lambda.ledger)).decision !== 'execute') {
      this.#end(execution);
      return;
    }
    const read = lambda.lock.read;
    // DynamoDB's condition: the record still is what was read.
    if (this.#lock?.token === read?.token && this.#lock?.owner?.executionArn === read?.owner?.executionArn) {
      if (read?.owner) this.takeovers += 1;
      this.#lock = { token: decision.token, owner: { executionArn: arn, rollbackId: arn, acquiredAt: lambda.now } };
      execution.token = decision.token;
      this.#next(execution, 'plan');
      return;
    }
    delete lambda.lock;
    delete lambda.status;
    if (!this.#variant.keepsLedger) delete lambda.ledger;
  }

  #plan(execution: Execution): void {
    const { arn, automatic, startedAt } = execution;
    this.#ledger.set(arn, {
      rollbackId: arn,
      service: 'checkout',
      executionArn: arn,
      startedAt,
      automatic,
      executes: true,
    });
    this.#next(execution, 'revert');
  }

  #revert(execution: Execution, lambda: Running): void {
    const { arn, token } = execution;
    if (!lambda.proved) {
      lambda.proved =
        this.#variant.unproved === true ||
        isProved(this.#lock, { executionArn: arn, ...(token !== undefined && { fencingToken: token }) });
      if (!lambda.proved) this.#next(execution, 'report');
      else this.#checkHolders();
      return;
    }
    if (this.#lock?.token !== token || this.#lock?.owner?.executionArn !== arn)
      this.wrong.push(`${arn} changed the service with token ${token}, the lock has ${JSON.stringify(this.#lock)}`);
    this.changes += 1;
    this.#next(execution, 'report');
    this.#checkBudget();
  }

  #report(execution: Execution): void {
    const { arn, token } = execution;
    const known = this.#ledger.get(arn);
    if (known) this.#ledger.set(arn, { ...known, endedAt: this.#iso(), outcome: 'verified' });
    if (this.#lock?.token === token && this.#lock?.owner?.executionArn === arn)
      this.#lock = { token: this.#lock.token };
    this.#end(execution);
  }

  // ---------------------------------------------------------------- what must hold

  /** Whoever has proved the lock and still may change something holds it: that is one at most. */
  #checkHolders(): void {
    const holders = this.#executions.filter((one) => one.lambda?.proved && this.#alive(one));
    if (holders.length > 1) this.wrong.push(`${holders.map(({ arn }) => arn).join(' and ')} hold the lock`);
  }

  #checkBudget(): void {
    const dayAgo = this.#now - 86_400_000;
    const automatic = [...this.#ledger.values()].filter(
      (record) => record.automatic && record.executes && Date.parse(record.startedAt) > dayAgo,
    );
    if (automatic.length > policy.rollbacksPerDay)
      this.wrong.push(`${automatic.length} automatic rollbacks in a day, ${policy.rollbacksPerDay} are allowed`);
  }
}

/** An alarm's start that nothing but cooldown and budget could be against. */
function admissionFacts(now: string, rollbacks: readonly RollbackRecord[]): AdmissionFacts {
  return {
    now,
    environment: 'production',
    request: {
      service: 'checkout',
      version: 'previous',
      strategy: 'auto',
      scope: 'app',
      backup: true,
      dryRun: false,
      reason: '',
      confirmed: false,
      trigger: {
        alarmName: 'backstep/production/checkout/data_corruption',
        alarmArn: 'alarm',
        time: now,
        eventId: 'event',
        triggerId: 'data_corruption',
        autoExecute: true,
      },
    },
    policy,
    killSwitch: { state: 'off' },
    incident: {
      attribution: {
        attributed: true,
        release: { side: 'main', taskDefinition: 'checkout:42', begunAt: now },
        reason: 'A release is to blame.',
      },
    },
    rollbacks,
  };
}
