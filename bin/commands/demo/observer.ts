/** Looks at the account between two moments and finds what is new. Looking is reading: it changes nothing. */
import type { Plan, Verdict } from '../../../lib/domain/model.ts';
import type { ApprovalAnswer, VerifyResult } from '../../../lib/domain/states.ts';
import { executionDocument, timelineOf } from '../../../simulator/scenario/collect.ts';
import { rollbacksOf } from '../../../simulator/scenario/executions.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { describeWorld, type WorldDocument } from '../../../simulator/world/describe.ts';
import { documentsOf } from '../documents.ts';
import type {
  AlarmFact,
  Answered,
  Asked,
  Deployed,
  Fact,
  ServiceFact,
  SnapshotFact,
  TimelineFact,
  WeightsFact,
} from '../story/facts.ts';
import { type ServiceState, serviceStates } from './services.ts';
import { minutesOf, publicationMs } from './traffic.ts';

export class Observer {
  #deployed = false;
  #services = new Map<string, ServiceState>();
  #weights: WorldDocument['weights'] | undefined;
  #minutesUntilMs: number | undefined;
  #events = 0;
  #started = 0;
  #ended = new Set<string>();
  #plans = new Set<string>();
  #entries = 0;
  /** By execution: how many events of its history were read. */
  #histories = new Map<string, number>();

  /** What is new since the last look, in order of time. */
  async look(run: LiveRun): Promise<Fact[]> {
    const facts: Fact[] = [
      ...this.#stack(run),
      ...(await this.#serviceFacts(run)),
      ...this.#weightFacts(run),
      ...(await this.#minutes(run)),
      ...this.#alarms(run),
      ...this.#executions(run),
      ...this.#planned(run),
      ...this.#timeline(run),
      ...this.#snapshots(run),
      ...this.#endings(run),
    ];
    return facts.sort((a, b) => a.timeMs - b.timeMs);
  }

  #stack({ account, stack }: LiveRun): Deployed[] {
    if (this.#deployed) return [];
    this.#deployed = true;
    const number = (type: string): number =>
      Object.values(stack.resources).filter((resource) => resource.type === type).length;
    return [
      {
        kind: 'deployed',
        timeMs: account.clock.now(),
        stackName: stack.stackName,
        account: account.id,
        region: account.region,
        alarms: number('AWS::CloudWatch::Alarm'),
        rules: number('AWS::Events::Rule'),
        functions: number('AWS::Lambda::Function'),
        stateMachines: number('AWS::StepFunctions::StateMachine'),
      },
    ];
  }

  async #serviceFacts(run: LiveRun): Promise<ServiceFact[]> {
    const facts: ServiceFact[] = [];
    for (const now of await serviceStates(run)) {
      const before = this.#services.get(now.service);
      this.#services.set(now.service, now);
      const { deploymentId: _id, rolloutState: _state, startedMs, ...seen } = now;
      if (!before) facts.push({ kind: 'running', timeMs: run.account.clock.now(), ...seen });
      else if (before.deploymentId !== now.deploymentId)
        facts.push({ kind: 'deployment', timeMs: startedMs, ...seen, before: before.taskDefinition });
      else if (before.rolloutState !== 'COMPLETED' && now.rolloutState === 'COMPLETED')
        facts.push({ kind: 'rolled-out', timeMs: run.account.clock.now(), ...seen });
    }
    return facts;
  }

  #weightFacts({ account }: LiveRun): WeightsFact[] {
    const now = describeWorld(account).weights;
    const before = this.#weights ?? now;
    this.#weights = now;
    return Object.entries(now)
      .filter(([rule, weights]) => JSON.stringify(weights) !== JSON.stringify(before[rule]))
      .map(([rule, after]) => ({
        kind: 'weights',
        timeMs: account.clock.now(),
        rule,
        before: before[rule] ?? {},
        after,
      }));
  }

  async #minutes(run: LiveRun): Promise<Fact[]> {
    const minuteMs = 60_000;
    const untilMs = Math.floor((run.account.clock.now() - publicationMs) / minuteMs) * minuteMs;
    const fromMs = this.#minutesUntilMs ?? run.startMs;
    if (untilMs <= fromMs) return [];
    this.#minutesUntilMs = untilMs;
    return minutesOf(run, fromMs, untilMs);
  }

  #alarms({ account }: LiveRun): AlarmFact[] {
    const events = account.events.received.slice(this.#events);
    this.#events = account.events.received.length;
    return events
      .filter((event) => event['detail-type'] === 'CloudWatch Alarm State Change')
      .map((event) => {
        const { alarmName, state, previousState } = event.detail as AlarmDetail;
        return {
          kind: 'alarm',
          timeMs: Date.parse(event.time),
          name: alarmName,
          state: state.value,
          previous: previousState.value,
          reason: state.reason ?? '',
        };
      });
  }

  #executions(run: LiveRun): Fact[] {
    const rollbacks = rollbacksOf(run);
    const started = rollbacks.slice(this.#started);
    this.#started = rollbacks.length;
    return started.map((execution) => {
      const { arn, input } = executionDocument(execution);
      return { kind: 'started', timeMs: execution.startMs, arn, input };
    });
  }

  #planned(run: LiveRun): Fact[] {
    return documentsOf(run, 'plans/')
      .filter(({ key }) => !this.#plans.has(key))
      .map(({ key, body, lastModifiedMs }) => {
        this.#plans.add(key);
        return { kind: 'planned', timeMs: lastModifiedMs, plan: JSON.parse(new TextDecoder().decode(body)) as Plan };
      });
  }

  #timeline(run: LiveRun): Fact[] {
    const facts: TimelineFact[] = [];
    for (const entry of timelineOf(run).slice(this.#entries)) {
      const verdict = entry.kind.startsWith('verdict.') ? verdictAt(run, entry.time) : undefined;
      // Written, but its state has not answered yet: the next look tells it, with its numbers.
      if (entry.kind.startsWith('verdict.') && !verdict) break;
      facts.push({ kind: 'entry', timeMs: Date.parse(entry.time), entry, ...(verdict && { verdict }) });
    }
    this.#entries += facts.length;
    return facts.map((fact) => questionIn(fact) ?? fact);
  }

  /** What VerifyHealth's passes answered about the database's snapshot. */
  #snapshots(run: LiveRun): SnapshotFact[] {
    return rollbacksOf(run).flatMap(({ arn, history }) => {
      const seen = this.#histories.get(arn) ?? 0;
      this.#histories.set(arn, history.length);
      return history.slice(seen).flatMap(({ timestamp, taskSucceededEventDetails: details }) => {
        const answer = details && payloadOf<VerifyResult>(details.output);
        const progress = answer?.verdict && answer.progress?.snapshot;
        return progress ? [{ kind: 'snapshot' as const, timeMs: timestamp?.getTime() ?? 0, progress }] : [];
      });
    });
  }

  #endings(run: LiveRun): Fact[] {
    return rollbacksOf(run)
      .filter(({ arn, stopMs }) => stopMs !== undefined && !this.#ended.has(arn))
      .map((execution) => {
        this.#ended.add(execution.arn);
        return { kind: 'ended', timeMs: execution.stopMs ?? 0, execution: executionDocument(execution) };
      });
  }
}

/** What RequestApproval writes on the timeline. */
interface RequestedData {
  readonly expiresAt: string;
  readonly approvalDefault: 'approve' | 'decline';
  readonly asked: string;
  readonly asksBecause: string;
}

interface AlarmDetail {
  readonly alarmName: string;
  readonly state: { readonly value: string; readonly reason?: string };
  readonly previousState: { readonly value: string };
}

/** What VerifyHealth answered in the pass that began at `time`, from the execution's history. */
function verdictAt({ account }: LiveRun, time: string): Verdict | undefined {
  for (const { history } of account.states.executions) {
    const entered = history.findIndex(
      ({ timestamp, stateEnteredEventDetails: state }) =>
        state?.name === 'VerifyHealth' && timestamp?.getTime() === Date.parse(time),
    );
    if (entered < 0) continue;
    const answer = history.slice(entered).find(({ taskSucceededEventDetails }) => taskSucceededEventDetails);
    if (!answer) continue;
    return payloadOf<VerifyResult>(answer.taskSucceededEventDetails?.output)?.verdict;
  }
  return undefined;
}

/** What a Lambda answered to a state; the answer of a person has none. */
const payloadOf = <T>(output = '{}'): Partial<T> | undefined =>
  (JSON.parse(output) as { Payload?: Partial<T> }).Payload;

/** The question to a person, or its answer, where the entry is one. */
function questionIn({ timeMs, entry: { kind, service, data } }: TimelineFact): Asked | Answered | undefined {
  if (kind === 'approval.requested') {
    const { expiresAt, approvalDefault, asked, asksBecause } = data as unknown as RequestedData;
    return {
      kind: 'asked',
      timeMs,
      service,
      because: asksBecause,
      until: expiresAt,
      whom: asked,
      silence: approvalDefault,
    };
  }
  if (!kind.startsWith('approval.')) return undefined;
  return { kind: 'answered', timeMs, answer: data as unknown as ApprovalAnswer };
}
