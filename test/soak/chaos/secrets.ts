/** Secrets that were planted, and all places where a secret must never turn up. */
import type { FinishedRun } from '../../../simulator/scenario/run.ts';

export const environmentMarker = 'MARKER-OF-A-TASK-ENVIRONMENT';
export const oidcMarker = 'MARKER-OF-AN-OIDC-SECRET';

/** How every task token begins. Only the history of its own execution shows it, which Step Functions writes. */
const tokenMarker = 'AAAAKgAAAAIAAAAAAAAAA';

/** Names the places that hold a marker. Checkpoints may hold task environments, but never the OIDC secret. */
export function leaks({ account, document }: FinishedRun): string[] {
  const places: [string, string][] = [
    ['the run document', JSON.stringify(document)],
    ['notifications', JSON.stringify(account.sns.published)],
    ['logs', JSON.stringify(account.lambda.logs)],
    ['bus events', JSON.stringify(account.events.received.filter(({ source }) => source === 'backstep'))],
    ['the table', JSON.stringify(account.dynamodb.tables.map((table) => account.dynamodb.items(table)))],
    ...account.s3.buckets.flatMap((bucket) =>
      account.s3
        .list(bucket)
        .map(({ key, body }): [string, string] => [`s3://${bucket}/${key}`, Buffer.from(body).toString('utf8')]),
    ),
  ];
  return places.flatMap(([place, text]) => [
    ...(text.includes(oidcMarker) ? [`the OIDC secret is in ${place}`] : []),
    ...(text.includes(tokenMarker) && place !== 'the run document' ? [`a task token is in ${place}`] : []),
    ...(text.includes(environmentMarker) && !place.includes('/checkpoints/')
      ? [`a task environment is in ${place}`]
      : []),
  ]);
}
