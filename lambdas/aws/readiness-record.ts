/**
 * What CheckReadiness found last of a service, an item of the table (`READINESS`).
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem
 */
import type { ReadinessRecord } from '../../lib/domain/readiness.ts';
import { get, type Keys, pk, put } from './table.ts';

/** Undefined where nobody has looked at the service yet. */
export const readReadinessRecord = (service: string): Promise<ReadinessRecord | undefined> =>
  get<ReadinessRecord & Keys>(keyOf(service));

export const writeReadinessRecord = (service: string, record: ReadinessRecord): Promise<void> =>
  put({ ...keyOf(service), ...record });

const keyOf = (service: string): Keys => ({ pk: pk(service), sk: 'READINESS' });
