/** Reads report.json as the schema of the document has it: every field, and nothing more outside `execution`. */
import { z } from 'zod';

const reportDocument = z.strictObject({
  rollbackId: z.string().min(1),
  timestamp: z.iso.datetime(),
  snapshot: z.strictObject({ id: z.string(), created: z.iso.datetime(), components: z.array(z.string()) }),
  scripts: z.strictObject({
    database: z.string().min(1),
    application: z.string().min(1),
    infrastructure: z.string().min(1),
  }),
  execution: z.looseObject({
    status: z.enum(['ready', 'executed', 'verified']),
    duration: z.iso.duration(),
    verification: z.record(z.string(), z.unknown()),
    outcome: z.string().min(1),
    reason: z.string().min(1),
  }),
});

export interface ReportSummary {
  readonly rollbackId: string;
  readonly status: string;
  readonly outcome: string;
  readonly duration: string;
}

/** @throws Error naming what is wrong with the document */
export function readReport(text: string, path: string): ReportSummary {
  const result = reportDocument.safeParse(JSON.parse(text));
  if (!result.success) throw new Error(`${path} is not a report:\n${z.prettifyError(result.error)}`);
  const { rollbackId, execution } = result.data;
  return { rollbackId, status: execution.status, outcome: execution.outcome, duration: execution.duration };
}
