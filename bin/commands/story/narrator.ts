/** Turns facts into lines, one after the other. Remembers only what it needs to number steps and to measure spans. */
import type { Plan, Verdict } from '../../../lib/domain/model.ts';
import type { TimelineDocument } from '../../../simulator/scenario/document.ts';
import { summaryOf } from '../../../simulator/scenario/expectations.ts';
import type {
  AlarmFact,
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
import { markedLines, planLines } from './plan-lines.ts';
import type { Style } from './style.ts';
import { clip, clockTime, firstSentence, imageTag, span, wrap } from './text.ts';
import { trafficRow } from './traffic-row.ts';

/** A line, and how much of a pause a reader needs after it, in units of an ordinary line. */
export interface Line {
  readonly text: string;
  readonly weight: number;
}

/** Once the service is healthy nothing much happens, so a row now and then is enough. */
const quietMinutes = 5;

/** What ends an execution without a rollback: its end tells it, with the reason. */
const toldByTheEnd = /^(?:plan\.|verify\.verified|joined|reported|duplicate|observed|declined|blocked)/;

export class Narrator {
  readonly #style: Style;
  readonly #alarmsMs = new Map<string, number>();
  readonly #started = new Map<string, { readonly realMs: number | undefined }>();
  #firstMs: number | undefined;
  #plan: Plan | undefined;
  #step: { readonly timeMs: number; readonly realMs: number | undefined } = { timeMs: 0, realMs: 0 };
  #acting = false;
  #healthy = false;
  #quiet = 0;
  #result = '';
  #bakeToldMs = 0;
  /** Wall-clock milliseconds that the account has run so far; undefined where its time is the wall's. */
  #realMs: number | undefined;

  constructor(style: Style) {
    this.#style = style;
  }

  /** @param realMs wall-clock milliseconds that a simulated account has run so far; absent where an account is just used */
  tell(fact: Fact, realMs?: number): Line[] {
    this.#realMs = realMs;
    return this.#linesOf(fact);
  }

  #linesOf(fact: Fact): Line[] {
    switch (fact.kind) {
      case 'deployed':
        return this.#stamped(fact.timeMs, deployedText(fact));
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
      case 'trouble':
        return this.#stamped(fact.timeMs, troubleText(fact), this.#style.yellow);
      case 'ended':
        return this.#ended(fact);
    }
  }

  #stamped(timeMs: number, text: string, paint = (line: string): string => line): Line[] {
    return wrap(text, 10, `${clockTime(timeMs)}  `).map((line) => ({ text: paint(line), weight: 2 }));
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
      return this.#stamped(fact.timeMs, `${fact.service} runs ${fact.taskDefinition} (${images}), ${tasks}.`);
    if (fact.kind === 'rolled-out')
      return this.#stamped(fact.timeMs, `ECS: ${fact.service} has rolled out ${fact.taskDefinition}, ${tasks}.`);
    const text = `ECS: ${fact.service} goes from ${fact.before} to ${fact.taskDefinition} (${images}).`;
    return this.#stamped(fact.timeMs, text, this.#style.bold);
  }

  #weights({ timeMs, rule, before, after }: WeightsFact): Line[] {
    if (this.#acting) return [];
    const text = `Weights of ${rule.slice(rule.lastIndexOf('/') + 1)}: ${weightsText(before)} -> ${weightsText(after)}.`;
    return this.#stamped(timeMs, text, this.#style.bold);
  }

  #alarm({ timeMs, name, state, previous, reason }: AlarmFact): Line[] {
    if (state === 'ALARM') {
      this.#alarmsMs.set(name, timeMs);
      return this.#stamped(timeMs, `ALARM ${name}: ${reason}`, this.#style.red);
    }
    if (previous !== 'ALARM') return [];
    return this.#stamped(timeMs, `${state} ${name}: ${reason}`, this.#style.green);
  }

  #startedBy({ timeMs, arn, input }: ExecutionStarted): Line[] {
    this.#started.set(arn, { realMs: this.#realMs });
    this.#firstMs ??= timeMs;
    const alarm = (input as { trigger?: { alarmName?: string } } | null)?.trigger?.alarmName;
    const by = alarm ? `by ${alarm}` : `with ${JSON.stringify(input).replaceAll(',"', ', "')}`;
    const alarmMs = this.#alarmsMs.get(alarm ?? '');
    const delay = alarmMs === undefined ? '' : `, ${span(timeMs - alarmMs)} after its alarm`;
    return this.#stamped(timeMs, `The state machine is started ${by}${delay}.`, this.#style.bold);
  }

  #planned(plan: Plan): Line[] {
    this.#plan = plan;
    this.#acting = plan.outcome === null;
    return planLines(plan, this.#style).map((text) => ({ text, weight: text === '' ? 0 : 2 }));
  }

  #entry({ timeMs, entry, verdict }: TimelineFact): Line[] {
    const { kind, message } = entry;
    const data = (entry.data ?? {}) as EntryData;
    if (kind.startsWith('action.')) return this.#acted(timeMs, data, message);
    if (kind.startsWith('check.')) return this.#checked(timeMs, kind, message);
    if (kind.startsWith('verdict.')) return this.#judged(timeMs, entry, verdict);
    if (toldByTheEnd.test(kind)) return [];
    return this.#stamped(timeMs, `${sentenceCase(kind)}: ${message}`);
  }

  /** A verdict's message begins with what it is. */
  #judged(timeMs: number, { kind, message, data }: TimelineDocument, verdict: Verdict | undefined): Line[] {
    const lines =
      kind === 'verdict.healthy'
        ? this.#wasHealthy(timeMs, (data ?? {}) as EntryData, message, verdict)
        : this.#stamped(timeMs, clip(message, 150), this.#healthy ? this.#style.red : undefined);
    this.#result = kind;
    return lines;
  }

  #acted(timeMs: number, { actionId, type }: EntryData, message: string): Line[] {
    this.#step = { timeMs, realMs: this.#realMs };
    const actions = this.#plan?.actions ?? [];
    const number = actions.findIndex(({ id }) => id === actionId) + 1;
    return wrap(`${type ?? ''} ${message}`, 8, `  [${number}/${actions.length}] `).map((text) => ({ text, weight: 3 }));
  }

  #checked(timeMs: number, kind: string, message: string): Line[] {
    const took = span(timeMs - this.#step.timeMs);
    const really = this.#really(this.#step.realMs);
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

  /** ` (really 0.1s)`, of virtual time only. */
  #really(sinceMs: number | undefined): string {
    return this.#realMs === undefined ? '' : ` (really ${span(this.#realMs - (sinceMs ?? 0))})`;
  }

  #asked({ timeMs, service, because, until }: Asked): Line[] {
    const answers = ['approve', 'decline'].map((word) => `npx backstep ${word} ${service} --reason "..."`);
    return [
      ...this.#stamped(timeMs, `A person is asked: ${because}`, this.#style.bold),
      ...answers.map((line) => ({ text: `          ${line}`, weight: 2 })),
      ...this.#stamped(timeMs, `It waits for the answer until ${clockTime(until)}.`),
    ];
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
      { text: '', weight: 0 },
      { text: this.#style.bold('Post-rollback validation:'), weight: 1 },
      ...lines.map((text) => ({ text, weight: 2 })),
      { text: '', weight: 0 },
      ...this.#stamped(
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
    return this.#stamped(timeMs, clip(message, 150), again ? this.#style.green : this.#style.dim);
  }

  #ended({ timeMs, execution }: ExecutionEnded): Line[] {
    const { outcome, status, error, reason } = summaryOf(execution);
    const took = span(timeMs - Date.parse(execution.startedAt));
    const really = this.#really(this.#started.get(execution.arn)?.realMs);
    const target = outcome === 'verified' ? this.#plan?.target?.version : undefined;
    const subject = target === undefined ? 'The execution ended' : `Rollback to ${target}`;
    const why = outcome === 'verified' ? firstSentence(reason) : clip(reason, 400);
    if (outcome !== 'duplicate') this.#acting = false;
    const paint = status === 'SUCCEEDED' ? this.#style.green : this.#style.red;
    const text = `${subject} ${outcome ?? error ?? status} after ${took}${really}. ${why}`;
    return this.#stamped(timeMs, text, paint).map((line) => ({ ...line, weight: 4 }));
  }
}

/** What Backstep's timeline entries carry, as far as the demo reads it. */
interface EntryData {
  readonly actionId?: string;
  readonly type?: string;
  readonly bakeUntil?: string | null;
}

/** Keeps words on one line, so that they can be painted as one. */
const nonBreaking = '\u00a0';

/** The message of a Lambda's error without its trace. */
function troubleText({ state, error, cause }: Trouble): string {
  const message = /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  return `${state} failed with ${error}: ${clip(message ? (JSON.parse(message) as string) : cause, 200)}`;
}

const weightsText = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([group, weight]) => `${group} ${weight}`)
    .join(', ');

const deployedText = ({ stackName, account, region, alarms, rules, functions, stateMachines }: Deployed): string =>
  `${stackName} is deployed into the simulated account ${account}, ${region}: ${alarms} alarms, ${rules} rules, ` +
  `${stateMachines} state machine, ${functions} Lambdas.`;

/** `admitted` -> `Admitted`, `lock.taken` -> `Lock taken` */
const sentenceCase = (kind: string): string => {
  const words = kind.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
