import type { BatchWriteItemInput, BatchWriteItemOutput } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import type { Table } from './table.ts';
import { commit, outcome, prepare } from './write.ts';

/** Puts and deletes without conditions. Every request is checked before the first is done. */
export function batchWrite(input: BatchWriteItemInput, tableOf: (name: string) => Table): BatchWriteItemOutput {
  const writes = Object.entries(input.RequestItems ?? {}).flatMap(([name, requests]) =>
    requests.map((request) =>
      request.PutRequest
        ? prepare('put', tableOf(name), { Item: request.PutRequest.Item })
        : prepare('delete', tableOf(name), { Key: request.DeleteRequest?.Key }),
    ),
  );
  if (writes.length < 1 || writes.length > 25)
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
    );
  const keys = new Set(writes.map((write) => `${write.table.arn}\n${write.table.keyText(write.key)}`));
  if (keys.size < writes.length)
    throw new AwsError('ValidationException', 'Provided list of item keys contains duplicates');
  for (const write of writes) commit(write, outcome(write));
  return { UnprocessedItems: {} };
}
