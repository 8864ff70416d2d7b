/**
 * Names that are known only once CloudFormation has made the things that bear them. Until then unique stand-ins take
 * their place, so that everything which decides on names can decide before.
 */
export type Substitutions = Readonly<Record<string, string>>;

/** `text` with every stand-in replaced. The longer ones go first, since a shorter one may be part of them. */
export function substitute(text: string, values: Substitutions): string {
  return Object.keys(values)
    .filter((standIn) => text.includes(standIn))
    .sort((a, b) => b.length - a.length)
    .reduce((changed, standIn) => changed.replaceAll(standIn, () => values[standIn] ?? standIn), text);
}

/** The same in the text of a JSON document, whose stand-ins all lie inside of strings. */
export function substituteInJson(json: string, values: Substitutions): string {
  const escaped = Object.entries(values).map(([standIn, value]) => [standIn, JSON.stringify(value).slice(1, -1)]);
  return substitute(json, Object.fromEntries(escaped));
}
