import { AwsError } from '../service.ts';

/** One page of `items`, and the token for the next one where there is more: the index of its first item. */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; next: string | undefined } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidNextToken', 'The next token is not valid');
  const to = from + size;
  return { page: items.slice(from, to), next: to < items.length ? String(to) : undefined };
}
