/**
 * Which items of the table are ours. Policies let pipelines, and people, write one attribute each, but IAM knows no sort keys: with
 * it they can make an item of any name that holds nothing else. Such an item is none: it is passed over and written over.
 */

/** The attributes that others than the Lambdas may write. */
const toldByOthers: ReadonlySet<string> = new Set(['registered', 'marked', 'run']);

/** Items that consist of such an attribute. */
const told = /^(?:REGISTERED|DIRECT)#/;

/** @param item with its keys */
export function isRecord(item: Readonly<Record<string, unknown>>): boolean {
  if (told.test(String(item.sk))) return true;
  return Object.keys(item).some((name) => name !== 'pk' && name !== 'sk' && !toldByOthers.has(name));
}
