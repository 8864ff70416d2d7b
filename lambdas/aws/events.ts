/**
 * Amazon EventBridge: what happens in a rollback, told to whoever listens on the account's default bus.
 *
 * Calls: events:PutEvents
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { TimelineEntry } from '../../lib/domain/model.ts';
import { eventSource } from '../../lib/domain/names.ts';
import { clientOptions } from './client.ts';

const events = new EventBridgeClient(clientOptions);

/** The API takes ten entries a call. */
const batchSize = 10;

/** Publishes one event of a kind of its own, for listeners that are no people. They are told, never depended on, as below. */
export async function publishNotice(detailType: string, detail: object, time: string): Promise<void> {
  try {
    const { FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          { Time: new Date(time), Source: eventSource, DetailType: detailType, Detail: JSON.stringify(detail) },
        ],
      }),
    );
    if (FailedEntryCount) console.warn(`EventBridge refused the event ${detailType}.`);
  } catch (error) {
    console.warn(`${detailType} could not be published: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Publishes one event per entry. Listeners are told, never depended on: a bus that cannot be reached is logged and the
 * rollback goes on, since the timeline in the table is the record.
 */
export async function publish(
  environment: string,
  executionArn: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += batchSize) {
    const batch = entries.slice(start, start + batchSize);
    try {
      const { FailedEntryCount } = await events.send(
        new PutEventsCommand({
          Entries: batch.map((entry) => ({
            Time: new Date(entry.time),
            Source: eventSource,
            DetailType: `Backstep Rollback ${entry.kind}`,
            Resources: [executionArn],
            Detail: JSON.stringify({ environment, executionArn, ...entry }),
          })),
        }),
      );
      if (FailedEntryCount) console.warn(`EventBridge refused ${FailedEntryCount} of ${batch.length} events.`);
    } catch (error) {
      console.warn(`Events could not be published: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
