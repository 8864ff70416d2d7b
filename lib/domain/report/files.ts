/** The files of one report, by name below `reports/<rollbackId>/`. */
import type { ReportDocument } from '../model.ts';
import type { Scripts } from '../scripts.ts';
import type { ReportFacts } from './facts.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import { reportContent } from './sections.ts';

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
    { name: 'report.html', body: html(content), contentType: 'text/html; charset=utf-8' },
    ...Object.entries(scripts).map(([name, body]) => ({
      name: `scripts/${name}.sh`,
      body,
      contentType: 'text/x-shellscript; charset=utf-8',
    })),
  ];
}
