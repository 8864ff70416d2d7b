/** Finds the execution that a person means: by service, by the id of a rollback, or by its ARN. */
import { nearest } from '../../lib/domain/nearest.ts';
import { UsageError } from './command.ts';
import { findService } from './installed.ts';
import type { Session } from './rollback/execute.ts';

export interface Meant {
  readonly service: string;
  readonly rollbackId?: string;
  readonly executionArn?: string;
}

/** `checkout` of `checkout-20261120-030405-1f2e3d`; undefined for what is no id. */
export const serviceOfId = (text: string): string | undefined => /^(.+)-\d{8}-\d{6}-[0-9a-f]{6}$/.exec(text)?.[1];

/** @throws UsageError where there is no such rollback. Without `executionArn` the service has none, now or ever. */
export async function findRollback(session: Session, text: string | undefined): Promise<Meant> {
  if (text?.startsWith('arn:')) return { service: '', executionArn: text };
  const id = text !== undefined && serviceOfId(text) !== undefined ? text : undefined;
  const named = id === undefined ? text : serviceOfId(id);
  const { service } = await findService(session.account, session.installation, named, session);
  return id === undefined ? current(session, service) : byId(session, service, id);
}

async function byId({ account, installation }: Session, service: string, id: string): Promise<Meant> {
  const { table } = installation;
  const [owner, question, rollbacks] = await Promise.all([
    account.table.lockOwner(table, service),
    account.table.question(table, service),
    account.table.rollbacks(table, service),
  ]);
  const known = [owner, question, ...rollbacks].filter((one) => one !== undefined);
  const found = known.find(({ rollbackId }) => rollbackId === id);
  if (found) return { service, rollbackId: id, executionArn: found.executionArn };
  const meant = nearest(
    id,
    known.map(({ rollbackId }) => rollbackId),
  );
  throw new UsageError(
    `No rollback ${id} of ${service} is known. ${meant ? `Did you mean ${meant}? ` : ''}npx backstep history ${service} lists them.`,
  );
}

/** In a storm every alarm of an incident leaves a record that only joined. */
const recent = 20;

/** The one that holds the lock, else the one that waits for an answer, else the newest. */
async function current({ account, installation }: Session, service: string): Promise<Meant> {
  const { table } = installation;
  const owner = await account.table.lockOwner(table, service);
  if (owner) return { service, rollbackId: owner.rollbackId, executionArn: owner.executionArn };
  const [question, rollbacks] = await Promise.all([
    account.table.question(table, service),
    account.table.rollbacks(table, service, recent),
  ]);
  const newest = rollbacks.find(({ outcome }) => outcome !== 'duplicate') ?? rollbacks[0];
  const found = question && !question.answer && question.requestedAt >= (newest?.startedAt ?? '') ? question : newest;
  return found ? { service, rollbackId: found.rollbackId, executionArn: found.executionArn } : { service };
}
