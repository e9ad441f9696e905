"""How the page of the API looks: light and dark, on a phone and on a wide screen."""

STYLE = """
:root {
  --paper: #fbfbf9; --raised: #ffffff; --ink: #1d2320; --soft: #5a655f; --line: #dfe3de; --accent: #0b6b4f;
  --get: #1a5fa8; --post: #0b6b4f; --put: #8a5a00; --patch: #8a5a00; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141816; --raised: #1c211f; --ink: #e4e9e6; --soft: #9aa7a0; --line: #303733; --accent: #5fd0a8;
    --get: #82b8f2; --post: #5fd0a8; --put: #e3b45c; --patch: #e3b45c; --delete: #f28b82;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1.5rem; display: grid; gap: 0 3rem;
  grid-template-columns: 14rem minmax(0, 1fr); background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif;
}
header { grid-column: 1 / -1; max-width: 46rem; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -0.02em; }
h2 { margin: 3rem 0 0.25rem; font-size: 1.4rem; }
h3 { margin: 0; font-size: 1.1rem; }
h4 { margin: 1rem 0 0.25rem; font-size: 0.85rem; color: var(--soft); }
p { margin: 0.4rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
.about { white-space: pre-line; color: var(--soft); }
nav { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow: auto; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav ul ul { padding: 0 0 0.5rem 0.9rem; font-size: 0.9rem; }
nav li { padding: 0.15rem 0; }
nav a { text-decoration: none; }
summary { cursor: pointer; padding: 0.2rem 0; }
main { min-width: 0; }
section:first-child h2 { margin-top: 0; }
article {
  margin: 1rem 0; padding: 1rem 1.25rem;
  background: var(--raised); border: 1px solid var(--line); border-radius: 0.5rem;
}
article:target { border-color: var(--accent); }
.call { font-size: 0.95rem; }
.call b { font-size: 0.8rem; letter-spacing: 0.04em; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); }
.patch { color: var(--patch); } .delete { color: var(--delete); }
code, pre { font: 0.86em/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre {
  margin: 0.3rem 0; padding: 0.75rem; overflow: auto; max-height: 30rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 0.375rem;
}
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0; border-top: 1px solid var(--line); }
th { font-weight: normal; white-space: nowrap; }
dl { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); margin: 0; font-size: 0.92rem; }
dt { font-variant-numeric: tabular-nums; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  tr { display: block; border-top: 1px solid var(--line); padding: 0.3rem 0; }
  th, td { display: inline-block; border: 0; padding: 0 0.6rem 0 0; }
  td:last-child { display: block; }
}
@media (max-width: 52rem) {
  body { display: block; padding: 1rem; }
  nav { position: static; max-height: none; margin: 1rem 0; }
  article { padding: 0.85rem; }
}
"""
