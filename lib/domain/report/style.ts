/** report.html's style: the reader's own light or dark, system fonts, and print. */
export const style = `
:root { color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --ink: #1b2230; --soft: #5b6575; --line: #dfe3e9; --code: #f0f2f5;
  --good: #12724a; --good-ground: #e3f5ec; --info: #1f5aa8; --info-ground: #e5effb; --bad: #a82a1d; --bad-ground: #fceae7; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12161d; --card: #1a2029; --ink: #e4e8ee; --soft: #98a3b3; --line: #2c3440; --code: #11151b;
  --good: #5fd49f; --good-ground: #12301f; --info: #83b8f5; --info-ground: #14283f; --bad: #ff9c8d; --bad-ground: #3a1a15; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
header, section, footer { max-width: 62rem; margin: 0 auto 1rem; }
header, section { padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
header { border-left-width: 6px; }
header.good { border-left-color: var(--good); } header.info { border-left-color: var(--info); }
header.bad { border-left-color: var(--bad); }
.badge { display: inline-block; padding: .1rem .65rem; border-radius: 99px; font-size: .8rem; font-weight: 650; letter-spacing: .02em; }
.good .badge { color: var(--good); background: var(--good-ground); } .info .badge { color: var(--info); background: var(--info-ground); }
.bad .badge { color: var(--bad); background: var(--bad-ground); }
h1 { margin: .5rem 0 .35rem; font-size: 1.55rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
ul { margin: .4rem 0; padding-left: 1.25rem; } li { margin: .25rem 0; overflow-wrap: anywhere; }
ul.tasks { list-style: none; padding-left: 0; } ul.tasks li::before { content: "\\2610"; margin-right: .55rem; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th { color: var(--soft); font-weight: 600; text-align: left; white-space: nowrap; }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; } td { overflow-wrap: break-word; } td:first-child { white-space: nowrap; } td:last-child { min-width: 45%; }
td.good { color: var(--good); font-weight: 600; } td.info { color: var(--soft); } td.bad { color: var(--bad); font-weight: 600; }
pre { margin: .5rem 0; padding: .8rem 1rem; overflow-x: auto; border-radius: 7px; background: var(--code);
  font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
footer { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0 0; } dd { margin-bottom: .5rem; } body { padding: .75rem .5rem; } }
@media print { body { background: none; padding: 0; } header, section { border: 0; padding: .5rem 0; break-inside: avoid; } }
`;
