import type { Block, Report } from './content.ts';

/** report.md: readable as plain text too, in a terminal or a mail. */
export function markdown(report: Report): string {
  const sections = report.sections.map(({ title, blocks }) =>
    [`## ${inline(title)}`, ...blocks.map(render)].join('\n\n'),
  );
  const head = [`# ${inline(report.title)}`, `**${inline(report.badge)}.** ${inline(report.summary)}`];
  return `${[...head, ...sections, `---\n${inline(report.footer)}`].join('\n\n')}\n`;
}

function render(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return inline(block.text);
    case 'list':
      return block.items.map((item) => `- ${inline(item)}`).join('\n');
    case 'tasks':
      return block.items.map((item) => `- [ ] ${inline(item)}`).join('\n');
    case 'facts':
      return table(['', ''], block.rows);
    case 'table':
      return table(
        block.columns,
        block.rows.map((row) => row.cells),
      );
    case 'code':
      return fenced(block.language, block.text);
  }
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inline).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/**
 * Text from elsewhere (reasons, AWS's messages) must not become headings, links, HTML or a second line. Stars between
 * spaces and underscores inside words mean nothing in Markdown, and stay readable as they are.
 */
function inline(text: string): string {
  return oneLine(text)
    .replace(/[\\`<|[\]]|(?<!\s)\*|\*(?!\s)|(?<!\w)_|_(?!\w)/g, (character) => `\\${character}`)
    .replace(/^([#>+*-]|\d+[.)])(?=\s|$)/, '\\$1');
}

const oneLine = (text: string): string => undirected(text.replace(/[\p{Cc}\s]+/gu, ' ').trim());

/** It is read in terminals: marks that turn the direction of writing would make it say something else. */
const undirected = (text: string): string => text.replace(/\p{Cf}/gu, '\ufffd');

/** A fence is longer than any run of backticks inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${undirected(text)
    .trimEnd()
    .replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')}\n${fence}`;
}
