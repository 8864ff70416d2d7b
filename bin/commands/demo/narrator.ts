/** Turns facts into lines, one after the other. Remembers only what it needs to number steps and to measure spans. */
import type { Check, Plan, Verdict } from '../../../lib/domain/model.ts';
import { summaryOf } from '../../../simulator/scenario/expectations.ts';
import type {
  AlarmFact,
  Deployed,
  ExecutionEnded,
  ExecutionStarted,
  Fact,
  ServiceFact,
  TimelineFact,
} from './facts.ts';
import type { Style } from './style.ts';
import { clockTime, imageTag, shortArn, span, wrap } from './text.ts';
import { trafficHeading, trafficRow } from './traffic-row.ts';

/** A line, and how much of a pause a reader needs after it, in units of an ordinary line. */
export interface Line {
  readonly text: string;
  readonly weight: number;
}

/** During the bake nothing happens, so a row now and then is enough. */
const quietMinutes = 5;

export class Narrator {
  readonly #style: Style;
  #plan: Plan | undefined;
  #alarmMs: number | undefined;
  #startedMs: number | undefined;
  #stepMs = 0;
  #baking = false;
  #quiet = 0;
  /** Whether the last line was a row of the traffic table, so that the next needs no heading. */
  #inTable = false;

  constructor(style: Style) {
    this.#style = style;
  }

  tell(fact: Fact): Line[] {
    const lines = this.#linesOf(fact);
    if (lines.length === 0) return [];
    const row = fact.kind === 'minute';
    const gap = this.#inTable !== row ? [{ text: '', weight: 0 }] : [];
    const heading = row && !this.#inTable ? [{ text: trafficHeading(this.#style), weight: 0 }] : [];
    this.#inTable = row;
    return [...gap, ...heading, ...lines];
  }

  #linesOf(fact: Fact): Line[] {
    switch (fact.kind) {
      case 'deployed':
        return this.#stamped(fact.timeMs, deployedText(fact));
      case 'running':
      case 'deployment':
      case 'rolled-out':
        return this.#service(fact);
      case 'minute':
        return this.#isQuiet() ? [] : [{ text: trafficRow(fact, this.#style), weight: 1 }];
      case 'alarm':
        return this.#alarm(fact);
      case 'started':
        return this.#started(fact);
      case 'planned':
        return this.#planned(fact.plan);
      case 'entry':
        return this.#entry(fact);
      case 'ended':
        return this.#ended(fact);
    }
  }

  #stamped(timeMs: number, text: string, paint = (line: string): string => line): Line[] {
    return wrap(text, 10, `${clockTime(timeMs)}  `).map((line) => ({ text: paint(line), weight: 2 }));
  }

  #isQuiet(): boolean {
    if (!this.#baking) return false;
    this.#quiet += 1;
    return this.#quiet % quietMinutes !== 0;
  }

  #service(fact: ServiceFact): Line[] {
    const images = fact.images.map(imageTag).join(', ');
    const tasks = `${fact.runningCount} of ${fact.desiredCount} tasks`;
    if (fact.kind === 'running')
      return this.#stamped(fact.timeMs, `${fact.service} runs ${fact.taskDefinition} (${images}), ${tasks}.`);
    if (fact.kind === 'rolled-out')
      return this.#stamped(fact.timeMs, `ECS: ${fact.service} has rolled out ${fact.taskDefinition}, ${tasks}.`);
    const text = `ECS: ${fact.service} goes from ${fact.before} to ${fact.taskDefinition} (${images}).`;
    return this.#stamped(fact.timeMs, text, this.#style.bold);
  }

  #alarm({ timeMs, name, state, previous, reason }: AlarmFact): Line[] {
    if (state === 'ALARM') {
      this.#alarmMs ??= timeMs;
      return this.#stamped(timeMs, `ALARM ${name}: ${reason}`, this.#style.red);
    }
    if (previous !== 'ALARM') return [];
    return this.#stamped(timeMs, `${state} ${name}: ${reason}`, this.#style.green);
  }

  #started({ timeMs, input }: ExecutionStarted): Line[] {
    this.#startedMs ??= timeMs;
    const asked = input as { trigger?: { alarmName?: string } } | null;
    const by = asked?.trigger?.alarmName ? `by the alarm ${asked.trigger.alarmName}` : `with ${JSON.stringify(input)}`;
    const delay = asked?.trigger && this.#alarmMs !== undefined ? `, ${span(timeMs - this.#alarmMs)} after it` : '';
    return this.#stamped(timeMs, `The state machine is started ${by}${delay}.`, this.#style.bold);
  }

  #planned(plan: Plan): Line[] {
    this.#plan = plan;
    const { bold } = this.#style;
    const target = plan.target ? `${plan.target.version} (${shortArn(plan.target.taskDefinition)})` : 'none';
    const current = plan.current
      .map(({ side, version, taskDefinition, runningCount, desiredCount }) => {
        const name = plan.current.length > 1 ? `${side}: ` : '';
        return `${name}${version} (${shortArn(taskDefinition)}), ${runningCount} of ${desiredCount} tasks`;
      })
      .join('; ');
    // Wrapped before it is painted: colours have no width.
    const head = (label: string, text: string): string[] =>
      wrap(text, 18, label.padEnd(18)).map((line) => line.replace(label, bold(label)));
    return [
      '',
      ...head('Rollback Target:', target),
      ...wrap(plan.targetReason, 18, ' '.repeat(18)),
      ...head('Current Version:', current),
      ...head('Strategy:', `${plan.strategy}. ${plan.strategyReason}`),
      ...head('Time limit:', `${span(plan.timeoutSeconds * 1000)}. ${plan.timeoutReason}`),
      '',
      bold('Pre-rollback checks:'),
      ...plan.checks.flatMap((check) => this.#check(check)),
      ...(plan.actions.length > 0 ? ['', bold('Executing rollback:')] : []),
    ].map((text) => ({ text, weight: text === '' ? 0 : 2 }));
  }

  #check({ name, status, evidence }: Check): string[] {
    return this.#marked(status, `${name}: ${evidence}`);
  }

  #marked(status: Check['status'], text: string): string[] {
    const { green, yellow, red, dim } = this.#style;
    const [mark, paint] = {
      ok: ['[OK]', green] as const,
      warning: ['[WARN]', yellow] as const,
      failed: ['[FAILED]', red] as const,
      'not checked': ['[NOT CHECKED]', dim] as const,
    }[status];
    const [first = '', ...rest] = wrap(text, 4, `  ${mark} `);
    return [first.replace(mark, paint(mark)), ...rest];
  }

  #entry({ timeMs, entry, verdict }: TimelineFact): Line[] {
    const { kind, message } = entry;
    const data = (entry.data ?? {}) as { actionId?: string; type?: string };
    if (kind.startsWith('action.')) return this.#step(timeMs, data.actionId, data.type, message);
    if (kind.startsWith('check.')) return this.#checked(timeMs, kind, message);
    if (kind.startsWith('verdict.')) return this.#verdict(timeMs, kind, message, verdict?.measurements ?? []);
    // The plan is told from its document, the end from the execution.
    if (kind.startsWith('plan.') || kind.startsWith('report')) return [];
    return this.#stamped(timeMs, `${sentenceCase(kind)}: ${message}`);
  }

  #step(timeMs: number, actionId: string | undefined, type: string | undefined, message: string): Line[] {
    this.#stepMs = timeMs;
    const actions = this.#plan?.actions ?? [];
    const number = actions.findIndex(({ id }) => id === actionId) + 1;
    return wrap(`${type ?? ''} ${message}`, 8, `  [${number}/${actions.length}] `).map((text) => ({ text, weight: 3 }));
  }

  #checked(timeMs: number, kind: string, message: string): Line[] {
    const took = span(timeMs - this.#stepMs);
    const [word, paint] =
      kind === 'check.done'
        ? ([`done after ${took}`, this.#style.green] as const)
        : kind === 'check.failed'
          ? ([`failed after ${took}`, this.#style.red] as const)
          : ([`waiting, ${took}`, this.#style.dim] as const);
    const [first = '', ...rest] = wrap(`${word}: ${message}`, 20, `        ${clockTime(timeMs)}  `);
    return [first.replace(word, paint(word)), ...rest].map((text) => ({
      text,
      weight: kind === 'check.waiting' ? 1 : 3,
    }));
  }

  #verdict(timeMs: number, kind: string, message: string, measurements: Verdict['measurements']): Line[] {
    const first = !this.#baking && kind === 'verdict.healthy';
    if (this.#baking && kind === 'verdict.healthy') return [];
    if (!first) return this.#stamped(timeMs, `${sentenceCase(kind)}: ${message}`, this.#style.yellow);
    this.#baking = true;
    const lines = measurements.flatMap(({ ok, evidence }) =>
      this.#marked(ok === null ? 'not checked' : ok ? 'ok' : 'failed', evidence),
    );
    return [
      { text: '', weight: 0 },
      { text: this.#style.bold('Post-rollback validation:'), weight: 1 },
      ...lines.map((text) => ({ text, weight: 2 })),
      ...this.#stamped(timeMs, message),
    ];
  }

  #ended({ timeMs, execution }: ExecutionEnded): Line[] {
    const { outcome, status, error, reason } = summaryOf(execution);
    const good = status === 'SUCCEEDED';
    const took = span(timeMs - Date.parse(execution.startedAt));
    const result = outcome ?? error ?? status;
    const target =
      outcome === 'verified' && this.#plan?.target
        ? `Rollback to ${this.#plan.target.version} `
        : 'The execution ended ';
    const text = `${target}${result} after ${took}: ${reason}`;
    this.#baking = false;
    return this.#stamped(timeMs, text, good ? this.#style.green : this.#style.red).map((line) => ({
      ...line,
      weight: 4,
    }));
  }
}

const deployedText = ({ stackName, account, region, alarms, rules, functions, stateMachines }: Deployed): string =>
  `${stackName} is deployed into the simulated account ${account}, ${region}: ${alarms} alarms, ${rules} rules, ` +
  `${stateMachines} state machine, ${functions} Lambdas.`;

/** `admitted` -> `Admitted`, `lock.taken` -> `Lock taken` */
const sentenceCase = (kind: string): string => {
  const words = kind.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
