"""How the public pages look: small, in the visitor's own font and colours, on any screen, in either direction."""

STYLE = """
:root { --paper: #f4f5f2; --raised: #fff; --ink: #1d2320; --soft: #55605a; --line: #c9d0ca; --accent: #0b6b4f;
  --on-accent: #fff; --bad: #b3261e; --ring: #1a73e8; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121614; --raised: #1b201e; --ink: #e6ebe8; --soft: #a3b0a9; --line: #3c4540; --accent: #5fd0a8;
    --on-accent: #08251b; --bad: #f28b82; --ring: #8ab4f8; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; padding: clamp(1rem, 5vw, 3rem) 1rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 34rem; margin: 0 auto; padding: clamp(1.25rem, 5vw, 2.25rem); background: var(--raised);
  border: 1px solid var(--line); border-radius: 0.75rem; text-align: start; }
.framed body { padding: 0; background: transparent; }
.framed main { max-width: 40rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0.6rem 0; }
ul { margin: 0.6rem 0; padding-inline-start: 1.3rem; }
.from, .soft { color: var(--soft); }
.from { margin: 0 0 0.35rem; font-size: 0.95rem; }
.whose { font-weight: 600; }
.bad { color: var(--bad); }
.note { padding: 0.7rem 0.9rem; border-inline-start: 0.25rem solid var(--accent); background: var(--paper);
  border-radius: 0.25rem; }
.note.bad { border-color: var(--bad); }
.words { white-space: pre-line; }
form { margin: 1.25rem 0 0; }
button { font: inherit; font-weight: 600; max-width: 100%; min-height: 2.9rem; padding: 0.6rem 1.3rem;
  border: 1px solid var(--accent); border-radius: 0.5rem; background: var(--accent); color: var(--on-accent);
  cursor: pointer; overflow-wrap: anywhere; }
button.quiet { background: transparent; color: var(--ink); border-color: var(--line); font-weight: 500; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.5rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; }
fieldset { margin: 1.1rem 0 0; padding: 0.5rem 1rem 0.8rem; border: 1px solid var(--line); border-radius: 0.5rem;
  min-width: 0; }
legend { padding: 0 0.35rem; font-weight: 600; }
.choice { display: flex; gap: 0.7rem; align-items: center; min-height: 2.75rem; cursor: pointer; }
.choice input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); }
.choice span { min-width: 0; }
.field label { display: block; margin-bottom: 0.35rem; font-weight: 600; }
.field input { width: 100%; min-height: 2.9rem; padding: 0.5rem 0.75rem; font: inherit; color: var(--ink);
  background: var(--paper); border: 1px solid var(--soft); border-radius: 0.5rem; }
.field input[aria-invalid] { border-color: var(--bad); }
.trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
"""
