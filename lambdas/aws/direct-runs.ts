/**
 * Rollbacks that a person's command carries out itself: what they have written down (`DIRECT#…`).
 *
 * Calls: dynamodb:GetItem
 */
import { type DirectRun, directKey, readDirectArn } from '../../lib/domain/direct.ts';
import { get, pk } from './table.ts';

/** Undefined where the ARN is that of an ordinary execution. */
export async function readDirectRun(executionArn: string): Promise<DirectRun | undefined> {
  const named = readDirectArn(executionArn);
  if (!named) return undefined;
  return (await get<{ run?: DirectRun }>({ pk: pk(named.service), sk: directKey(named.name) }))?.run;
}
