"""How the proof of consent looks: on a phone, on a wide screen, and on paper."""

STYLE = """
:root { --paper: #fbfbf9; --raised: #fff; --ink: #1d2320; --soft: #5a655f; --line: #dfe3de; --good: #0b6b4f;
  --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #141816; --raised: #1c211f; --ink: #e4e9e6; --soft: #9aa7a0; --line: #303733; --good: #5fd0a8;
    --bad: #f28b82; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 2rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 0.95rem; font-weight: 600; color: var(--soft); }
.whose { margin: 0 0 1.25rem; font-size: 1.9rem; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 0.6rem; font-size: 1.2rem; }
p { margin: 0.4rem 0; }
.verdict { padding: 0.8rem 1rem; border: 1px solid; border-inline-start-width: 0.35rem; border-radius: 0.4rem;
  background: var(--raised); color: var(--good); }
.verdict p, .verdict li { color: var(--ink); }
.verdict ul { margin: 0.3rem 0 0; padding-inline-start: 1.2rem; }
.verdict + dl { margin-top: 1rem; }
.verdict strong { font-size: 1.05rem; }
.broken { color: var(--bad); }
.soft { color: var(--soft); }
dl { display: grid; grid-template-columns: minmax(7.5rem, max-content) minmax(0, 1fr); gap: 0.2rem 1.25rem; margin: 0; }
dt { color: var(--soft); overflow-wrap: anywhere; max-width: 14rem; }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; background: var(--raised); }
th, td { padding: 0.4rem 0.7rem; border: 1px solid var(--line); text-align: start; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { font-size: 0.85rem; font-weight: 600; color: var(--soft); }
tbody th { font-weight: 600; }
tbody th .soft { font-weight: 400; }
thead th { width: 20%; }
thead th:nth-child(2) { width: 15%; }
thead th:last-child { width: 25%; }
article { margin: 0.8rem 0; padding: 0.9rem 1.1rem 1rem; background: var(--raised); border: 1px solid var(--line);
  border-radius: 0.4rem; }
h3 { margin: 0 0 0.5rem; font-size: 1.05rem; }
h3 time { font-weight: 400; color: var(--soft); }
blockquote { margin: 0.2rem 0 0.8rem; padding: 0.1rem 0.9rem; border-inline-start: 0.2rem solid var(--line); }
pre, .said { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
code { font: 0.85em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.mark { padding: 0 0.2em; border: 1px solid var(--line); border-radius: 0.2em; font-size: 0.75em; color: var(--soft); }
h4 { margin: 0.8rem 0 0.2rem; font-size: 0.85rem; color: var(--soft); }
@media (max-width: 36rem) {
  body { padding: 1.25rem 1rem 2rem; }
  .whose { font-size: 1.4rem; }
  dl { grid-template-columns: 7.2rem minmax(0, 1fr); gap: 0.15rem 0.8rem; }
  thead { display: none; }
  table, tbody, tr, tbody th, td { display: block; border: 0; }
  tr { padding: 0.5rem 0.7rem; border: 1px solid var(--line); border-bottom: 0; }
  tr:last-child { border-bottom: 1px solid var(--line); }
  th, td { padding: 0.05rem 0; }
  td:empty { display: none; }
  td::before { content: attr(data-name) ": "; color: var(--soft); }
}
@media print {
  :root { --paper: #fff; --raised: #fff; --ink: #000; --soft: #444; --line: #bbb; --good: #000; --bad: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  article, .verdict, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  @page { margin: 18mm 16mm; }
}
"""
