/** Turns facts into lines, one after the other. Remembers only what it needs to number steps and to measure spans. */
import type { Plan } from '../../../lib/domain/model.ts';
import type { TimelineDocument } from '../../../simulator/scenario/document.ts';
import { summaryOf } from '../../../simulator/scenario/expectations.ts';
import type {
  AlarmFact,
  Answered,
  Asked,
  EntryData,
  ExecutionEnded,
  ExecutionStarted,
  Fact,
  ServiceFact,
  TimelineFact,
  WeightsFact,
} from './facts.ts';
import { HealthTeller } from './health.ts';
import { blank, type Line, listed, stamped } from './lines.ts';
import { actionLines, planLines } from './plan-lines.ts';
import { answeredLines, askedLines } from './question.ts';
import { deployedText, rollbackOf, sentenceCase, serviceText, troubleText, weightsText } from './sentences.ts';
import { SnapshotTeller } from './snapshot.ts';
import { type Moment, really, StepTeller } from './steps.ts';
import type { Style } from './style.ts';
import { clip, firstSentence, span } from './text.ts';
import { trafficRow } from './traffic-row.ts';

/** Told by the execution's end, with the reason, or by a fact of its own: plan, question, answer, snapshot. */
const toldElsewhere =
  /^(?:plan\.|approval\.|snapshot\.|verify\.verified|joined|reported|duplicate|observed|declined|blocked)/;

/** Kinds whose name says less than their message. */
const labels: Readonly<Record<string, string>> = { 'notification.sent': '', owed: '', 'owed.given-back': 'Given back' };

export class Narrator {
  readonly #style: Style;
  readonly #alarmsMs = new Map<string, number>();
  readonly #started = new Map<string, Moment>();
  readonly #steps: StepTeller;
  readonly #health: HealthTeller;
  readonly #snapshot: SnapshotTeller;
  #firstMs: number | undefined;
  #plan: Plan | undefined;
  #askedMs: number | undefined;
  #acting = false;
  /** Wall-clock milliseconds that the account has run so far; undefined where its time is the wall's. */
  #realMs: number | undefined;

  constructor(style: Style) {
    this.#style = style;
    this.#steps = new StepTeller(style);
    this.#health = new HealthTeller(style);
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
        return this.#health.isQuiet() ? [] : [{ text: trafficRow(fact, this.#style), weight: 2 }];
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

  #service(fact: ServiceFact): Line[] {
    // What Backstep does is told by its steps.
    if (this.#acting) return [];
    return stamped(fact.timeMs, serviceText(fact), fact.kind === 'deployment' ? this.#style.bold : undefined);
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
    if (plan.outcome === null) this.#health.begin();
    const { asksBecause, ...rest } = plan;
    const actions =
      asksBecause === undefined || plan.outcome !== null
        ? []
        : [...actionLines(rest, this.#style, 'Actions, once a person has said yes:'), ''];
    return [...planLines(plan, this.#style), ...actions].map((text) => (text === '' ? blank : { text, weight: 2 }));
  }

  #entry(fact: TimelineFact): Line[] {
    const { timeMs, entry } = fact;
    const { kind, message } = entry;
    const data = (entry.data ?? {}) as EntryData;
    const moment = { timeMs, realMs: this.#realMs };
    if (kind.startsWith('action.')) {
      this.#acting = true;
      const plan = { actions: this.#plan?.actions ?? [], asked: this.#askedMs !== undefined };
      return this.#steps.acted(moment, { kind, data, message }, plan);
    }
    if (kind.startsWith('check.')) return this.#steps.checked(moment, { kind, data, message });
    if (kind.startsWith('verdict.'))
      return this.#health.judged(fact, { startedMs: this.#firstMs, simulated: this.#realMs !== undefined });
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

  #snapshotAskedMs(): number | undefined {
    return this.#steps.begunMs(this.#plan?.actions.find(({ type }) => type === 'StartSnapshot'));
  }

  #asked(fact: Asked): Line[] {
    this.#askedMs = fact.timeMs;
    return askedLines(fact, this.#style);
  }

  #answered(fact: Answered): Line[] {
    return answeredLines(fact, this.#askedMs, this.#style);
  }

  #ended({ timeMs, execution }: ExecutionEnded): Line[] {
    const { outcome, status, error, reason } = summaryOf(execution);
    const took = span(timeMs - Date.parse(execution.startedAt));
    const inReality = really(this.#realMs, this.#started.get(execution.arn)?.realMs);
    const target = outcome === 'verified' ? this.#plan?.target?.version : undefined;
    const subject = target === undefined ? 'The execution ended' : `Rollback to ${target}`;
    const why = outcome === 'verified' ? firstSentence(reason) : clip(reason, 400);
    const id = rollbackOf(execution);
    if (id === undefined ? outcome !== 'duplicate' : id === this.#plan?.rollbackId) this.#over();
    const paint = status === 'SUCCEEDED' ? this.#style.green : this.#style.red;
    const text = `${subject} ${outcome ?? error ?? status} after ${took}${inReality}. ${why}`;
    return stamped(timeMs, text, paint).map((line) => ({ ...line, weight: 4 }));
  }

  /** What comes now belongs to nobody, or to the next rollback. */
  #over(): void {
    this.#acting = false;
    this.#plan = undefined;
    this.#askedMs = undefined;
    this.#firstMs = undefined;
    this.#steps.forget();
  }
}
