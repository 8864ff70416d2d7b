import type { Json } from '../../lib/domain/model.ts';
import type { Template } from './definition.ts';
import { type Bindings, describe, evaluate, expressionIn } from './expression.ts';
import { StateFailure } from './failure.ts';
import type { History } from './history.ts';

/** What an expression may read besides variables, as `$states.…`. */
export interface Reserved {
  readonly input: Json;
  readonly context: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** What the context object tells of an attempt. */
export interface Attempt {
  readonly retryCount: number;
  readonly taskToken: string | undefined;
}

/** One visit to a state: evaluates its templates. Variables are those before the state: its own assignments come later. */
export class Visit {
  readonly name: string;
  readonly input: Json;
  /** Id of the …StateEntered event; errors quote it. */
  readonly enteredEventId: number;
  retryCount = 0;
  /** Of the attempt under way, where it waits for its token to come back. */
  taskToken: string | undefined;
  readonly #bindings: Bindings;
  readonly #context: (attempt: Attempt) => Json;
  readonly #history: History;

  constructor(options: {
    readonly name: string;
    readonly input: Json;
    readonly enteredEventId: number;
    readonly bindings: Bindings;
    readonly context: (attempt: Attempt) => Json;
    readonly history: History;
  }) {
    this.name = options.name;
    this.input = options.input;
    this.enteredEventId = options.enteredEventId;
    this.#bindings = options.bindings;
    this.#context = options.context;
    this.#history = options.history;
  }

  /** @throws StateFailure States.QueryEvaluationError */
  async evaluate(template: Template, path: string, extra: Partial<Reserved> = {}): Promise<Json> {
    if (typeof template === 'string') return this.#string(template, path, extra);
    if (Array.isArray(template)) {
      const items: Json[] = [];
      for (const [index, item] of template.entries()) items.push(await this.evaluate(item, `${path}[${index}]`, extra));
      return items;
    }
    if (template === null || typeof template !== 'object') return template;
    const object: { [key: string]: Json } = {};
    for (const [key, value] of Object.entries(template)) {
      object[key] = await this.evaluate(value, `${path}/${key}`, extra);
    }
    return object;
  }

  /** A failure of this state, in the service's words. */
  failure(error: string, words: string): StateFailure {
    const where = `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredEventId}). `;
    return new StateFailure(error, where + words);
  }

  /** A field that could not be evaluated, or not to what it must be; the history tells. */
  evaluationFailure(location: string, words: string): StateFailure {
    const failure = this.failure('States.QueryEvaluationError', words);
    const { error, cause } = failure;
    this.#history.add('EvaluationFailed', {
      evaluationFailedEventDetails: { error, cause, location, state: this.name },
    });
    return failure;
  }

  async #string(text: string, path: string, extra: Partial<Reserved>): Promise<Json> {
    const source = expressionIn(text);
    if (source === undefined) return text;
    const states: Reserved = { input: this.input, context: this.#context(this), ...extra };
    const subject = `The JSONata expression '${source}' specified for the field '${path}'`;
    try {
      const result = await evaluate(source, { ...this.#bindings, states });
      if (result.kind === 'value') return result.value;
      const words =
        result.kind === 'nothing' ? 'returned nothing (undefined).' : 'returned an unsupported result type.';
      throw this.evaluationFailure(path, `${subject} ${words}`);
    } catch (error) {
      if (error instanceof StateFailure) throw error;
      throw this.evaluationFailure(path, `${subject} threw an error during evaluation. ${describe(error)}`);
    }
  }
}
