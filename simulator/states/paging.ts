import { AwsError } from '../service.ts';

const largestPage = 1000;

/** Pages of 100 by default, 1,000 at most; the token is the offset. @throws AwsError InvalidToken, ValidationException */
export function paged<T>(items: readonly T[], size: number | undefined, token: string | undefined) {
  if (size !== undefined && (size < 0 || size > largestPage)) {
    const bound = size < 0 ? 'greater than or equal to 0' : `less than or equal to ${largestPage}`;
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0 || start > items.length) {
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
  const end = start + (size || 100);
  return { page: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}
