/** Secrets that were planted, and all places where a secret must never turn up. */
import type { FinishedRun } from '../../../simulator/scenario/run.ts';

export const environmentMarker = 'MARKER-OF-A-TASK-ENVIRONMENT';
export const oidcMarker = 'MARKER-OF-AN-OIDC-SECRET';

/** How every task token begins. Only Step Functions' own history shows it, and the document of a run hides it there. */
const tokenMarker = 'AAAAKgAAAAIAAAAAAAAAA';

/**
 * Names the places that hold a marker. Checkpoints and the ledger's task definitions may hold task environments, but never
 * the OIDC secret.
 */
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
    ...(text.includes(tokenMarker) ? [`a task token is in ${place}`] : []),
    ...(text.includes(environmentMarker) && !mayHoldEnvironments(place) ? [`a task environment is in ${place}`] : []),
  ]);
}

const mayHoldEnvironments = (place: string): boolean => /^s3:\/\/[^/]+\/(checkpoints|definitions)\//.test(place);
