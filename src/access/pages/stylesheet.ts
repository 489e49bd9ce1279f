// The stylesheet of the pages, light and dark.

export const stylesheet = `:root {
  color-scheme: light dark;
  --ground: #f5f6f4;
  --card: #ffffff;
  --text: #1c2422;
  --soft: #5a6663;
  --line: #d8dedb;
  --field: #8a9693;
  --accent: #1f655f;
  --accent-over: #174f4a;
  --on-accent: #ffffff;
  --wrong: #a3261f;
  --wrong-ground: #fbecea;
  --right-ground: #e6f2ef;
  --focus: #1a73c9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131816;
    --card: #1b2220;
    --text: #e6ecea;
    --soft: #a2aeab;
    --line: #323c39;
    --field: #6f7c79;
    --accent: #74c4ba;
    --accent-over: #93d6cd;
    --on-accent: #0c2421;
    --wrong: #ff9d94;
    --wrong-ground: #3a1f1c;
    --right-ground: #1d3430;
    --focus: #7db8f5;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, p { margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
a { color: var(--accent); }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.soft, .hint { color: var(--soft); }
.hint, .fault { font-size: 0.875rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 650; font-size: 1.0625rem; color: var(--text); letter-spacing: -0.01em; }
.mark { width: 1.5rem; height: 1.5rem; color: var(--accent); flex: none; }

.outside { display: grid; align-content: start; justify-items: center; gap: 1.5rem; padding: clamp(2rem, 10vh, 6rem) 1rem 2rem; }
.outside main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; display: grid; gap: 1.25rem; }
.outside main > div:first-child { display: grid; gap: 0.375rem; }
@media (max-width: 480px) { .outside main { padding: 1.5rem 1.25rem; } }

form.stack { display: grid; gap: 1.125rem; }
.field { display: grid; gap: 0.375rem; min-width: 0; }
label { font-weight: 550; font-size: 0.9375rem; }
.input { position: relative; display: grid; }
input { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--field); border-radius: 8px; }
input[readonly] { background: var(--ground); border-color: var(--line); }
input[aria-invalid="true"] { border-color: var(--wrong); box-shadow: inset 0 0 0 1px var(--wrong); }
input:focus-visible { outline-offset: 0; }
.input:has(.show:not([hidden])) input { padding-right: 4.5rem; }
.show { position: absolute; right: 0.25rem; top: 0.25rem; min-height: 2.25rem; }
.fault { color: var(--wrong); font-weight: 550; }
button { min-height: 2.75rem; padding: 0.5rem 1.125rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 8px; cursor: pointer; white-space: nowrap; }
button:hover { background: var(--accent-over); border-color: var(--accent-over); }
.button { display: grid; place-items: center; min-height: 2.75rem; padding: 0.5rem 1.125rem; border: 1px solid var(--field); border-radius: 8px; color: var(--text); font-weight: 600; text-decoration: none; text-align: center; overflow-wrap: anywhere; }
.button:hover { background: var(--ground); }
button.quiet { min-height: 2.25rem; padding: 0.25rem 0.625rem; color: var(--accent); background: none; border-color: transparent; font-weight: 550; }
button.quiet:hover { background: var(--ground); text-decoration: underline; }
.notice { overflow-wrap: anywhere; padding: 0.75rem 1rem; border-radius: 8px; background: var(--right-ground); border: 1px solid var(--line); }
.notice.wrong { background: var(--wrong-ground); color: var(--wrong); border-color: currentColor; }
`;
