/** Turns facts into lines, one after the other. Remembers only what it needs to number steps and to measure spans. */
import type { Plan, Verdict } from '../../../lib/domain/model.ts';
import type { ExecutionDocument, TimelineDocument } from '../../../simulator/scenario/document.ts';
import { summaryOf } from '../../../simulator/scenario/expectations.ts';
import type {
  AlarmFact,
  Answered,
  Asked,
  Deployed,
  ExecutionEnded,
  ExecutionStarted,
  Fact,
  ServiceFact,
  TimelineFact,
  Trouble,
  WeightsFact,
} from './facts.ts';
import { blank, type Line, listed, stamped } from './lines.ts';
import { actionLines, markedLines, planLines } from './plan-lines.ts';
import { answeredLines, askedLines } from './question.ts';
import { SnapshotTeller } from './snapshot.ts';
import type { Style } from './style.ts';
import { clip, clockTime, firstSentence, imageTag, span, wrap } from './text.ts';
import { trafficRow } from './traffic-row.ts';

/** Once the service is healthy nothing much happens, so a row now and then is enough. */
const quietMinutes = 5;

/** Told by the execution's end, with the reason, or by a fact of its own: plan, question, answer, snapshot. */
const toldElsewhere =
  /^(?:plan\.|approval\.|snapshot\.|verify\.verified|joined|reported|duplicate|observed|declined|blocked)/;

/** Kinds whose name says less than their message. */
const labels: Readonly<Record<string, string>> = { 'notification.sent': '', owed: '', 'owed.given-back': 'Given back' };

/** When something began, by both clocks. */
interface Moment {
  readonly timeMs: number;
  readonly realMs: number | undefined;
}

export class Narrator {
  readonly #style: Style;
  readonly #alarmsMs = new Map<string, number>();
  readonly #started = new Map<string, Moment>();
  /** By action. */
  readonly #steps = new Map<string, Moment>();
  readonly #snapshot: SnapshotTeller;
  #firstMs: number | undefined;
  #plan: Plan | undefined;
  /** The last action that was begun. */
  #step = '';
  #askedMs: number | undefined;
  #acting = false;
  #healthy = false;
  #quiet = 0;
  #result = '';
  #bakeToldMs = 0;
  /** Wall-clock milliseconds that the account has run so far; undefined where its time is the wall's. */
  #realMs: number | undefined;

  constructor(style: Style) {
    this.#style = style;
    this.#snapshot = new SnapshotTeller(style);
  }

  /** @param realMs wall-clock milliseconds that a simulated account has run so far; absent where an account is just used */
  tell(fact: Fact, realMs?: number): Line[] {
    this.#realMs = realMs;
    return this.#linesOf(fact);
  }

  #linesOf(fact: Fact): Line[] {
    switch (fact.kind) {
      case 'deployed':
        return stamped(fact.timeMs, deployedText(fact));
      case 'running':
      case 'deployment':
      case 'rolled-out':
        return this.#service(fact);
      case 'weights':
        return this.#weights(fact);
      case 'minute':
        return this.#isQuiet() ? [] : [{ text: trafficRow(fact, this.#style), weight: 2 }];
      case 'alarm':
        return this.#alarm(fact);
      case 'started':
        return this.#startedBy(fact);
      case 'planned':
        return this.#planned(fact.plan);
      case 'entry':
        return this.#entry(fact);
      case 'asked':
        return this.#asked(fact);
      case 'answered':
        return this.#answered(fact);
      case 'snapshot':
        return this.#snapshot.tell(fact, this.#snapshotAskedMs());
      case 'trouble':
        return stamped(fact.timeMs, troubleText(fact), this.#style.yellow);
      case 'ended':
        return this.#ended(fact);
    }
  }

  #isQuiet(): boolean {
    if (!this.#healthy) return false;
    this.#quiet += 1;
    return this.#quiet % quietMinutes !== 0;
  }

  #service(fact: ServiceFact): Line[] {
    // What Backstep does is told by its steps.
    if (this.#acting) return [];
    const images = fact.images.map(imageTag).join(', ');
    const tasks = `${fact.runningCount} of ${fact.desiredCount} tasks`;
    if (fact.kind === 'running')
      return stamped(fact.timeMs, `${fact.service} runs ${fact.taskDefinition} (${images}), ${tasks}.`);
    if (fact.kind === 'rolled-out')
      return stamped(fact.timeMs, `ECS: ${fact.service} has rolled out ${fact.taskDefinition}, ${tasks}.`);
    const text = `ECS: ${fact.service} goes from ${fact.before} to ${fact.taskDefinition} (${images}).`;
    return stamped(fact.timeMs, text, this.#style.bold);
  }

  #weights({ timeMs, rule, before, after }: WeightsFact): Line[] {
    if (this.#acting) return [];
    const text = `Weights of rule ${rule.slice(rule.lastIndexOf('/') + 1)}: ${weightsText(before)} -> ${weightsText(after)}.`;
    return stamped(timeMs, text, this.#style.bold);
  }

  #alarm({ timeMs, name, state, previous, reason }: AlarmFact): Line[] {
    if (state === 'ALARM') {
      this.#alarmsMs.set(name, timeMs);
      return stamped(timeMs, `ALARM ${name}: ${reason}`, this.#style.red);
    }
    if (previous !== 'ALARM') return [];
    return stamped(timeMs, `${state} ${name}: ${reason}`, this.#style.green);
  }

  #startedBy({ timeMs, arn, input }: ExecutionStarted): Line[] {
    this.#started.set(arn, { timeMs, realMs: this.#realMs });
    this.#firstMs ??= timeMs;
    const alarm = (input as { trigger?: { alarmName?: string } } | null)?.trigger?.alarmName;
    const by = alarm ? `by ${alarm}` : `with ${JSON.stringify(input).replaceAll(',"', ', "')}`;
    const alarmMs = this.#alarmsMs.get(alarm ?? '');
    const delay = alarmMs === undefined ? '' : `, ${span(timeMs - alarmMs)} after its alarm`;
    return stamped(timeMs, `The state machine is started ${by}${delay}.`, this.#style.bold);
  }

  #planned(plan: Plan): Line[] {
    // Another alarm's execution plans the same while this one is under way: its end says what came of it.
    if (this.#isUnderWay(plan.service) && (this.#acting || plan.asksBecause !== undefined)) return [];
    this.#plan = plan;
    if (plan.outcome === null) this.#healthy = false;
    const { asksBecause, ...rest } = plan;
    const actions =
      asksBecause === undefined || plan.outcome !== null
        ? []
        : [...actionLines(rest, this.#style, 'Actions, once a person has said yes:'), ''];
    return [...planLines(plan, this.#style), ...actions].map((text) => (text === '' ? blank : { text, weight: 2 }));
  }

  #entry({ timeMs, entry, verdict }: TimelineFact): Line[] {
    const { kind, message } = entry;
    const data = (entry.data ?? {}) as EntryData;
    if (kind.startsWith('action.')) return this.#acted(timeMs, kind, data, message);
    if (kind.startsWith('check.')) return this.#checked(timeMs, kind, data, message);
    if (kind.startsWith('verdict.')) return this.#judged(timeMs, entry, verdict);
    if (toldElsewhere.test(kind)) return [];
    if (kind === 'admitted') return this.#admitted(timeMs, entry, data);
    const label = labels[kind] ?? sentenceCase(kind);
    return stamped(timeMs, label === '' ? message : `${label}: ${message}`);
  }

  #admitted(timeMs: number, { service, message }: TimelineDocument, { rollbackId, reasons }: EntryData): Line[] {
    if (!rollbackId || !reasons) return stamped(timeMs, `Admitted: ${message}`);
    if (this.#isUnderWay(service)) return stamped(timeMs, `Admitted as ${rollbackId}.`);
    return [...stamped(timeMs, `Admitted as ${rollbackId}:`), ...listed(reasons)];
  }

  #isUnderWay(service: string): boolean {
    return this.#plan?.service === service;
  }

  /** A verdict's message begins with what it is. */
  #judged(timeMs: number, { kind, message, data }: TimelineDocument, verdict: Verdict | undefined): Line[] {
    const lines =
      kind === 'verdict.healthy'
        ? this.#wasHealthy(timeMs, (data ?? {}) as EntryData, message, verdict)
        : stamped(timeMs, clip(message, 150), this.#healthy ? this.#style.red : undefined);
    this.#result = kind;
    return lines;
  }

  #acted(timeMs: number, kind: string, { actionId = '', type }: EntryData, message: string): Line[] {
    const title = this.#steps.size > 0 ? [] : [{ text: this.#style.bold('Executing rollback:'), weight: 2 }];
    const gap = title.length > 0 && this.#askedMs !== undefined ? [blank] : [];
    this.#acting = true;
    this.#step = actionId;
    this.#steps.set(actionId, { timeMs, realMs: this.#realMs });
    const actions = this.#plan?.actions ?? [];
    const number = actions.findIndex(({ id }) => id === actionId) + 1;
    const lines = wrap(`${type ?? ''} ${message}`, 8, `  [${number}/${actions.length}] `);
    const action = actions[number - 1];
    const goesOn = action?.type === 'StartSnapshot' && !action.awaits && kind !== 'action.refused';
    if (goesOn) lines.push(...wrap(accepted, 8, '        ').map(this.#style.dim));
    return [...gap, ...title, ...lines.map((text) => ({ text, weight: 3 }))];
  }

  #checked(timeMs: number, kind: string, { actionId = this.#step, type }: EntryData, message: string): Line[] {
    // A snapshot that nothing waited for: told as it is seen during the bake.
    if (type === 'StartSnapshot' && actionId !== this.#step) return [];
    const step = this.#steps.get(actionId) ?? { timeMs, realMs: this.#realMs };
    const took = span(timeMs - step.timeMs);
    const really = this.#really(step.realMs);
    const [word, paint] =
      kind === 'check.done'
        ? ([`done after ${took}${really}`, this.#style.green] as const)
        : kind === 'check.failed'
          ? ([`failed after ${took}${really}`, this.#style.red] as const)
          : ([`waiting, ${took}`, this.#style.dim] as const);
    const text = `${word.replaceAll(' ', nonBreaking)}: ${message}`;
    return wrap(text, 10, `        ${clockTime(timeMs)}  `)
      .map((line) => line.replaceAll(nonBreaking, ' ').replace(word, paint(word)))
      .map((line) => ({ text: line, weight: kind === 'check.waiting' ? 1 : 3 }));
  }

  #snapshotAskedMs(): number | undefined {
    const action = this.#plan?.actions.find(({ type }) => type === 'StartSnapshot');
    return action && this.#steps.get(action.id)?.timeMs;
  }

  /** ` (really 0.1s)`, of virtual time only. */
  #really(sinceMs: number | undefined): string {
    return this.#realMs === undefined ? '' : ` (really ${span(this.#realMs - (sinceMs ?? 0))})`;
  }

  #asked(fact: Asked): Line[] {
    this.#askedMs = fact.timeMs;
    return askedLines(fact, this.#style);
  }

  #answered(fact: Answered): Line[] {
    return answeredLines(fact, this.#askedMs, this.#style);
  }

  /** The first healthy verdict is the end of the incident; those after it are the bake. */
  #wasHealthy(timeMs: number, { bakeUntil }: EntryData, message: string, verdict: Verdict | undefined): Line[] {
    if (this.#healthy) return this.#stillHealthy(timeMs, message);
    this.#healthy = true;
    this.#bakeToldMs = timeMs;
    const lines = (verdict?.measurements ?? []).flatMap(({ ok, evidence }) =>
      markedLines(ok === null ? 'not checked' : ok ? 'ok' : 'failed', evidence, this.#style),
    );
    const watched = bakeUntil ? `, watched until ${clockTime(bakeUntil)}` : '';
    return [
      blank,
      { text: this.#style.bold('Post-rollback validation:'), weight: 1 },
      ...lines.map((text) => ({ text, weight: 2 })),
      blank,
      ...stamped(
        timeMs,
        `Healthy ${span(timeMs - (this.#firstMs ?? timeMs))} after the start${watched}.`,
        this.#style.green,
      ),
    ];
  }

  /** Now and then, and whenever it was not so before. A simulated account shows its traffic instead. */
  #stillHealthy(timeMs: number, message: string): Line[] {
    const again = this.#result !== 'verdict.healthy';
    if (!again && (this.#realMs !== undefined || timeMs - this.#bakeToldMs < quietMinutes * 60_000)) return [];
    this.#bakeToldMs = timeMs;
    return stamped(timeMs, clip(message, 150), again ? this.#style.green : this.#style.dim);
  }

  #ended({ timeMs, execution }: ExecutionEnded): Line[] {
    const { outcome, status, error, reason } = summaryOf(execution);
    const took = span(timeMs - Date.parse(execution.startedAt));
    const really = this.#really(this.#started.get(execution.arn)?.realMs);
    const target = outcome === 'verified' ? this.#plan?.target?.version : undefined;
    const subject = target === undefined ? 'The execution ended' : `Rollback to ${target}`;
    const why = outcome === 'verified' ? firstSentence(reason) : clip(reason, 400);
    const id = rollbackOf(execution);
    if (id === undefined ? outcome !== 'duplicate' : id === this.#plan?.rollbackId) this.#over();
    const paint = status === 'SUCCEEDED' ? this.#style.green : this.#style.red;
    const text = `${subject} ${outcome ?? error ?? status} after ${took}${really}. ${why}`;
    return stamped(timeMs, text, paint).map((line) => ({ ...line, weight: 4 }));
  }

  /** What comes now belongs to nobody, or to the next rollback. */
  #over(): void {
    this.#acting = false;
    this.#plan = undefined;
    this.#askedMs = undefined;
    this.#firstMs = undefined;
    this.#steps.clear();
  }
}

/** What Backstep's timeline entries carry, as far as the demo reads it. */
interface EntryData {
  readonly rollbackId?: string;
  readonly reasons?: readonly string[];
  readonly actionId?: string;
  readonly type?: string;
  readonly bakeUntil?: string | null;
}

const accepted = 'Accepted: the cure goes on, and its progress is read while the service is watched.';

/** Keeps words on one line, so that they can be painted as one. */
const nonBreaking = '\u00a0';

/** The message of a Lambda's error without its trace. */
function troubleText({ state, error, cause }: Trouble): string {
  const message = /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  return `${state} failed with ${error}: ${clip(message ? (JSON.parse(message) as string) : cause, 200)}`;
}

/** Undefined where it was stopped, or ran out of time. */
function rollbackOf({ output, cause }: ExecutionDocument): string | undefined {
  const [said] = [output, cause].filter((part) => typeof part === 'object' && part !== null && !Array.isArray(part));
  return (said as { rollbackId?: string } | undefined)?.rollbackId;
}

const weightsText = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([group, weight]) => `${group} ${weight}`)
    .join(', ');

const deployedText = ({ stackName, account, region, alarms, rules, functions, stateMachines }: Deployed): string =>
  `${stackName} is deployed into the simulated account ${account}, ${region}: ${alarms} alarms, ${rules} rules, ` +
  `${stateMachines} state machine${stateMachines === 1 ? '' : 's'}, ${functions} Lambdas.`;

/** `admitted` -> `Admitted`, `lock.taken` -> `Lock taken` */
const sentenceCase = (kind: string): string => {
  const words = kind.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
