/**
 * What PublishBaselines has learnt of a service, an item of the table (`BASELINE`).
 *
 * Calls: dynamodb:GetItem, dynamodb:UpdateItem
 */
import type { BaselineRecord } from '../../lib/domain/baseline-points.ts';
import { get, type Keys, pk, update } from './table.ts';

/** Undefined when PublishBaselines has never looked at the service. */
export async function readBaseline(service: string): Promise<BaselineRecord | undefined> {
  const item = await get<BaselineRecord & Keys>(baselineKey(service));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...record } = item;
  return record;
}

/** What the record lacks stays: the last good baseline outlives every decision not to learn. */
export async function writeBaseline(service: string, record: BaselineRecord): Promise<void> {
  await update(baselineKey(service), { ...record });
}

const baselineKey = (service: string): Keys => ({ pk: pk(service), sk: 'BASELINE' });
