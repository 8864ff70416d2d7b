/** Just enough XML for error documents, which no schema describes. */

export interface Markup {
  readonly markup: string;
}

/** An element with text (escaped) or further elements in it. */
export function element(name: string, ...content: readonly (string | Markup)[]): Markup {
  const inner = content.map((part) => (typeof part === 'string' ? escapeText(part) : part.markup)).join('');
  return { markup: `<${name}>${inner}</${name}>` };
}

const escapeText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\r/g, '&#xD;');
