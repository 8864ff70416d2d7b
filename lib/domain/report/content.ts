/** The content of a report as data, so that Markdown and HTML say the same. */
export interface Report {
  readonly title: string;
  /** `good`: proven or nothing to do; `info`: nothing was changed; `bad`: a person has to act. */
  readonly tone: Tone;
  /** The outcome, as a badge. */
  readonly badge: string;
  /** What happened, in a few sentences. */
  readonly summary: string;
  readonly sections: readonly Section[];
  /** What the report was made from, in one line. */
  readonly footer: string;
}

export type Tone = 'good' | 'info' | 'bad';

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** To be ticked by a person. */
  | { readonly kind: 'tasks'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'table'; readonly columns: readonly string[]; readonly rows: readonly Row[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string };

export interface Row {
  readonly cells: readonly string[];
  /** Colours the first cell. */
  readonly tone?: Tone;
}
