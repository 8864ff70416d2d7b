/** TransactWriteItems: all conditions are judged against the table as it was; then all is written, or nothing. */
import type { CancellationReason, TransactWriteItem, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import type { Table } from './table.ts';
import { commit, outcome, type PreparedWrite, prepare, unmet, type WriteKind } from './write.ts';

/** Milliseconds for which a client request token repeats the first answer. */
const tokenLifeMs = 10 * 60_000;

export class Transactions {
  readonly #tokens = new Map<string, { readonly atMs: number; readonly request: string }>();

  run(input: TransactWriteItemsInput, tableOf: (name: string) => Table, nowMs: number): void {
    if (this.#isRepeat(input, nowMs)) return;
    const items = input.TransactItems ?? [];
    if (items.length < 1 || items.length > 100)
      throw new AwsError(
        'ValidationException',
        "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100 and greater than or equal to 1",
      );
    const writes = items.map((item) => {
      const { kind, request } = partOf(item);
      return prepare(kind, tableOf(request.TableName as string), request);
    });
    refuseSameItem(writes);
    const failures = writes.map(unmet);
    if (failures.some((failure) => failure)) throw cancelled(failures);
    const outcomes = writes.map(outcome);
    writes.forEach((write, index) => {
      commit(write, outcomes[index]);
    });
    if (input.ClientRequestToken !== undefined)
      this.#tokens.set(input.ClientRequestToken, { atMs: nowMs, request: JSON.stringify(input) });
  }

  #isRepeat(input: TransactWriteItemsInput, nowMs: number): boolean {
    const earlier = this.#tokens.get(input.ClientRequestToken ?? '');
    if (!earlier || nowMs - earlier.atMs > tokenLifeMs) return false;
    if (earlier.request !== JSON.stringify(input))
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'Request uses the same client token as a previous, but non-identical request',
      );
    return true;
  }
}

/** IAM asks for the action of each part. */
export function transactActions(input: TransactWriteItemsInput): readonly string[] {
  const names: Readonly<Record<WriteKind, string>> = {
    put: 'dynamodb:PutItem',
    update: 'dynamodb:UpdateItem',
    delete: 'dynamodb:DeleteItem',
    check: 'dynamodb:ConditionCheckItem',
  };
  return [...new Set((input.TransactItems ?? []).map((item) => names[partOf(item).kind]))];
}

export const transactTables = (input: TransactWriteItemsInput): readonly string[] => [
  ...new Set((input.TransactItems ?? []).map((item) => partOf(item).request.TableName as string)),
];

function partOf(item: TransactWriteItem) {
  if (item.Put) return { kind: 'put', request: item.Put } as const;
  if (item.Update) return { kind: 'update', request: item.Update } as const;
  if (item.Delete) return { kind: 'delete', request: item.Delete } as const;
  if (item.ConditionCheck) return { kind: 'check', request: item.ConditionCheck } as const;
  throw new AwsError(
    'ValidationException',
    'Invalid Request: TransactWriteRequest should contain Delete or Put or Update request',
  );
}

function refuseSameItem(writes: readonly PreparedWrite[]): void {
  const keys = writes.map((write) => `${write.table.arn}\n${write.table.keyText(write.key)}`);
  if (new Set(keys).size < keys.length)
    throw new AwsError('ValidationException', 'Transaction request cannot include multiple operations on one item');
}

function cancelled(failures: readonly (AwsError | undefined)[]): AwsError {
  const reasons = failures.map(
    (failure): CancellationReason =>
      failure
        ? {
            Code: 'ConditionalCheckFailed',
            Message: failure.message,
            ...(failure.fields as Pick<CancellationReason, 'Item'>),
          }
        : { Code: 'None' },
  );
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}
