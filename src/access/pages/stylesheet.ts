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
h1, h2, p { margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { font-size: 1.125rem; line-height: 1.3; }
a { color: var(--accent); }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.soft, .hint { color: var(--soft); }
.hint, .fault, .small { font-size: 0.875rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 650; font-size: 1.0625rem; color: var(--text); text-decoration: none; letter-spacing: -0.01em; }
.mark { width: 1.5rem; height: 1.5rem; color: var(--accent); flex: none; }

.outside { display: grid; align-content: start; justify-items: center; gap: 1.5rem; padding: clamp(2rem, 10vh, 6rem) 1rem 2rem; }
.outside main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; display: grid; gap: 1.25rem; }
.outside main > div:first-child { display: grid; gap: 0.375rem; }
@media (max-width: 480px) { .outside main { padding: 1.5rem 1.25rem; } }

form.stack { display: grid; gap: 1.125rem; }
.field { display: grid; gap: 0.375rem; min-width: 0; }
label { font-weight: 550; font-size: 0.9375rem; }
.input { position: relative; display: grid; }
input, select { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--field); border-radius: 8px; }
input[readonly] { background: var(--ground); border-color: var(--line); }
input[aria-invalid="true"] { border-color: var(--wrong); box-shadow: inset 0 0 0 1px var(--wrong); }
input:focus-visible, select:focus-visible { outline-offset: 0; }
.input:has(.show:not([hidden])) input { padding-right: 4.5rem; }
.show { position: absolute; right: 0.25rem; top: 0.25rem; min-height: 2.25rem; }
.fault { color: var(--wrong); font-weight: 550; }
button { min-height: 2.75rem; padding: 0.5rem 1.125rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 8px; cursor: pointer; white-space: nowrap; }
button:hover { background: var(--accent-over); border-color: var(--accent-over); }
.button { display: grid; place-items: center; min-height: 2.75rem; padding: 0.5rem 1.125rem; border: 1px solid var(--field); border-radius: 8px; color: var(--text); font-weight: 600; text-decoration: none; text-align: center; overflow-wrap: anywhere; }
.button:hover { background: var(--ground); }
button.plain { color: var(--text); background: var(--card); border-color: var(--field); }
button.plain:hover { background: var(--ground); }
button.quiet { min-height: 2.25rem; padding: 0.25rem 0.625rem; color: var(--accent); background: none; border-color: transparent; font-weight: 550; }
button.quiet:hover { background: var(--ground); text-decoration: underline; }
button.danger { color: var(--wrong); }
.notice { overflow-wrap: anywhere; padding: 0.75rem 1rem; border-radius: 8px; background: var(--right-ground); border: 1px solid var(--line); }
.notice.wrong { background: var(--wrong-ground); color: var(--wrong); border-color: currentColor; }
.notice .input { margin-top: 0.5rem; }

.top { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.5rem; padding: 0.625rem clamp(1rem, 3vw, 2rem); background: var(--card); border-bottom: 1px solid var(--line); }
.top nav { display: flex; gap: 0.25rem; }
.top nav a { padding: 0.375rem 0.75rem; border-radius: 8px; color: var(--soft); text-decoration: none; font-weight: 550; }
.top nav a:hover { color: var(--text); background: var(--ground); }
.top nav a[aria-current] { color: var(--text); background: var(--right-ground); }
.who { margin-left: auto; display: flex; align-items: center; gap: 0.5rem; min-width: 0; }
.who .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 16rem; color: var(--soft); }
.inside main { max-width: 68rem; margin: 0 auto; padding: 1.75rem clamp(1rem, 3vw, 2rem) 3rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; }
.inside main > header { display: grid; gap: 0.25rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem; display: grid; gap: 1rem; min-width: 0; }
.card > header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; align-items: start; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; padding: 0.75rem 0; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; padding-top: 0; }
.rows > li:last-child { padding-bottom: 0; }
.rows .what { flex: 1 1 14rem; min-width: 0; display: grid; overflow-wrap: anywhere; }
.rows .acts { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem; }
.rows .acts form { display: flex; align-items: center; gap: 0.25rem; }
.rows select { width: auto; min-height: 2.25rem; padding: 0.25rem 0.5rem; }
.tag { display: inline-block; padding: 0 0.5rem; border-radius: 99px; background: var(--right-ground); font-size: 0.8125rem; font-weight: 550; margin-left: 0.375rem; }
.line { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem; }
.line .field { flex: 1 1 14rem; }
.line .field.narrow { flex: 0 1 9rem; }
.line .fault { flex-basis: 100%; }
@media (max-width: 480px) {
  .card { padding: 1rem; }
  .top nav { order: 3; flex-basis: 100%; }
  .line button { flex: 1 1 100%; }
  .top { column-gap: 0.75rem; }
  .who { gap: 0; }
  .who .name { max-width: 7.5rem; }
  .rows > li > form, .rows .acts form:not(:first-child) { margin-left: -0.625rem; }
  .rows .acts { column-gap: 1rem; }
}
`;
