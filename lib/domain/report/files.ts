/** The files of one report, by name below `reports/<rollbackId>/`. */
import { driftDocument, type PinnedDrift } from '../drift/document.ts';
import type { ReportDocument } from '../model.ts';
import type { Scripts } from '../scripts.ts';
import type { Report } from './content.ts';
import type { ReportFacts } from './facts.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import { moment, reportContent } from './sections.ts';

export interface ReportFile {
  readonly name: string;
  readonly body: string;
  readonly contentType: string;
}

export function reportFiles(facts: ReportFacts, document: ReportDocument, scripts: Scripts): ReportFile[] {
  const content = reportContent(facts);
  return [
    { name: 'report.json', body: `${JSON.stringify(document, null, 2)}\n`, contentType: 'application/json' },
    { name: 'report.md', body: markdown(content), contentType: 'text/markdown; charset=utf-8' },
    ...(facts.drifts?.length
      ? [
          {
            name: 'drift.md',
            body: markdown(driftOf(facts, facts.drifts)),
            contentType: 'text/markdown; charset=utf-8',
          },
        ]
      : []),
    { name: 'report.html', body: html(content), contentType: 'text/html; charset=utf-8' },
    ...Object.entries(scripts).map(([name, body]) => ({
      name: `scripts/${name}.sh`,
      body,
      contentType: 'text/x-shellscript; charset=utf-8',
    })),
  ];
}

const driftOf = ({ context }: ReportFacts, drifts: readonly PinnedDrift[]): Report =>
  driftDocument(context.service, context.rollbackId, drifts, moment);
