import type { Block, Report, Row } from './content.ts';
import { style } from './style.ts';

/** report.html: one file without scripts or outside resources, so that it opens from a mail and in ten years. */
export function html(report: Report): string {
  const sections = report.sections
    .map(({ title, blocks }) => `<section>\n<h2>${escaped(title)}</h2>\n${blocks.map(render).join('\n')}\n</section>`)
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(report.title)}</title>
<style>${style}</style>
</head>
<body>
<header class="${report.tone}">
<span class="badge">${escaped(report.badge)}</span>
<h1>${escaped(report.title)}</h1>
<p>${escaped(report.summary)}</p>
</header>
<main>
${sections}
</main>
<footer>${escaped(report.footer)}</footer>
</body>
</html>
`;
}

function render(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${escaped(block.text)}</p>`;
    case 'list':
      return `<ul>${items(block.items)}</ul>`;
    case 'tasks':
      return `<ul class="tasks">${items(block.items)}</ul>`;
    case 'facts':
      return `<dl>${block.rows.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
    case 'table':
      return `<div class="wide"><table><thead><tr>${block.columns.map((column) => `<th>${escaped(column)}</th>`).join('')}</tr></thead><tbody>${block.rows.map(row).join('')}</tbody></table></div>`;
    case 'code':
      return `<pre><code>${escaped(block.text.trimEnd())}</code></pre>`;
  }
}

const items = (texts: readonly string[]): string => texts.map((text) => `<li>${escaped(text)}</li>`).join('');

function row({ cells, tone }: Row): string {
  const [first = '', ...rest] = cells;
  const head = `<td${tone ? ` class="${tone}"` : ''}>${escaped(first)}</td>`;
  return `<tr>${head}${rest.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`;
}

/** Nothing that comes from a request, a runbook or AWS may become markup. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
