/** The plan's steps: begun, checked, done. */
import type { Action } from '../../../lib/domain/model.ts';
import type { EntryData } from './facts.ts';
import { blank, type Line } from './lines.ts';
import type { Style } from './style.ts';
import { clockTime, span, wrap } from './text.ts';

/** When something happened, by both clocks. */
export interface Moment {
  readonly timeMs: number;
  /** Wall-clock milliseconds that the account has run so far; undefined where its time is the wall's. */
  readonly realMs: number | undefined;
}

/** ` (really 0.1s)`, of virtual time only. */
export const really = (now: number | undefined, since: number | undefined): string =>
  now === undefined ? '' : ` (really ${span(now - (since ?? 0))})`;

/** What is told of one step. */
interface Told {
  readonly kind: string;
  readonly data: EntryData;
  readonly message: string;
}

export class StepTeller {
  readonly #style: Style;
  /** By action. */
  readonly #begun = new Map<string, Moment>();
  /** The last action that was begun. */
  #last = '';

  constructor(style: Style) {
    this.#style = style;
  }

  /** @param plan the actions, and whether a person was asked before the first */
  acted(
    moment: Moment,
    { kind, data: { actionId = '', type }, message }: Told,
    plan: { readonly actions: readonly Action[]; readonly asked: boolean },
  ): Line[] {
    const title = this.#begun.size > 0 ? [] : [{ text: this.#style.bold('Executing rollback:'), weight: 2 }];
    const gap = title.length > 0 && plan.asked ? [blank] : [];
    this.#last = actionId;
    this.#begun.set(actionId, moment);
    const number = plan.actions.findIndex(({ id }) => id === actionId) + 1;
    const lines = wrap(`${type ?? ''} ${message}`, 8, `  [${number}/${plan.actions.length}] `);
    const action = plan.actions[number - 1];
    const goesOn = action?.type === 'StartSnapshot' && !action.awaits && kind !== 'action.refused';
    if (goesOn) lines.push(...wrap(accepted, 8, '        ').map(this.#style.dim));
    return [...gap, ...title, ...lines.map((text) => ({ text, weight: 3 }))];
  }

  checked(moment: Moment, { kind, data: { actionId = this.#last, type }, message }: Told): Line[] {
    // A snapshot that nothing waited for: told as it is seen during the bake.
    if (type === 'StartSnapshot' && actionId !== this.#last) return [];
    const { timeMs, realMs } = moment;
    const step = this.#begun.get(actionId) ?? moment;
    const took = span(timeMs - step.timeMs);
    const inReality = really(realMs, step.realMs);
    const [word, paint] =
      kind === 'check.done'
        ? ([`done after ${took}${inReality}`, this.#style.green] as const)
        : kind === 'check.failed'
          ? ([`failed after ${took}${inReality}`, this.#style.red] as const)
          : ([`waiting, ${took}`, this.#style.dim] as const);
    const text = `${word.replaceAll(' ', nonBreaking)}: ${message}`;
    return wrap(text, 10, `        ${clockTime(timeMs)}  `)
      .map((line) => line.replaceAll(nonBreaking, ' ').replace(word, paint(word)))
      .map((line) => ({ text: line, weight: kind === 'check.waiting' ? 1 : 3 }));
  }

  /** When an action was begun, milliseconds since the epoch. */
  begunMs(action: Action | undefined): number | undefined {
    return action && this.#begun.get(action.id)?.timeMs;
  }

  forget(): void {
    this.#begun.clear();
  }
}

const accepted = 'Accepted: the cure goes on, and its progress is read while the service is watched.';

/** Keeps words on one line, so that they can be painted as one. */
const nonBreaking = '\u00a0';
