/** Document paths: `a.b[2].c`, resolved against an item. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import type { Item } from './values.ts';

/** Attribute names and list indexes. */
export type Path = readonly (string | number)[];

export function read(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) value = child(value, step);
  return value;
}

/** Sets in place. @throws AwsError when the parent does not exist, as DynamoDB refuses it */
export function write(item: Item, path: Path, value: AttributeValue): void {
  const { parent, step } = parentOf(item, path);
  if (typeof step === 'string' && parent.M) parent.M[step] = value;
  else if (typeof step === 'number' && parent.L) {
    // Beyond the end, an element is appended.
    if (step < parent.L.length) parent.L[step] = value;
    else parent.L.push(value);
  } else throw invalidPath();
}

/** Removes in place; nothing happens when there is nothing. */
export function remove(item: Item, path: Path): void {
  const { parent, step } = parentOf(item, path);
  if (typeof step === 'string' && parent.M) delete parent.M[step];
  else if (typeof step === 'number' && parent.L) parent.L.splice(step, 1);
  else throw invalidPath();
}

/** Only the parts of an item that the paths name. List elements close up. */
export function project(item: Item, paths: readonly Path[]): Item {
  const result: Item = {};
  for (const path of paths) {
    const value = read(item, path);
    if (value !== undefined) place(result, path, value);
  }
  return result;
}

export const overlaps = (a: Path, b: Path): boolean => {
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((step, index) => step === b[index]);
};

function child(value: AttributeValue | undefined, step: string | number): AttributeValue | undefined {
  if (typeof step === 'number') return value?.L?.[step];
  return value?.M && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

function parentOf(item: Item, path: Path): { parent: AttributeValue; step: string | number } {
  const parent = path.length === 1 ? { M: item } : read(item, path.slice(0, -1));
  if (!parent) throw invalidPath();
  return { parent, step: path.at(-1) as string | number };
}

function place(result: Item, path: Path, value: AttributeValue): void {
  let parent: AttributeValue = { M: result };
  path.forEach((step, index) => {
    const last = index === path.length - 1;
    const next: AttributeValue = last ? value : typeof path[index + 1] === 'number' ? { L: [] } : { M: {} };
    if (typeof step === 'string' && parent.M) {
      const existing = last ? undefined : parent.M[step];
      parent.M[step] = existing ?? next;
      parent = parent.M[step] as AttributeValue;
    } else if (parent.L) {
      parent.L.push(next);
      parent = next;
    }
  });
}

const invalidPath = () =>
  new AwsError('ValidationException', 'The document path provided in the update expression is invalid for update');
