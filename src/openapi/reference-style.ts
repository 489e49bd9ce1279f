// The stylesheet of the API reference: light and dark as the reader's system is, narrow and wide.
export const referenceStyle = `
:root { color-scheme: light dark; --text: #1c2321; --soft: #56625f; --back: #fbfcfb; --raised: #f0f4f2; --line: #d5ddda; --accent: #1f5f5a;
  --get: #1f5f5a; --post: #2c5282; --change: #7a4b00; --remove: #9b2c2c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6ebe9; --soft: #a4b0ac; --back: #14191a; --raised: #1d2425; --line: #354042; --accent: #7cc6be;
  --get: #7cc6be; --post: #90b8ee; --change: #e5b567; --remove: #f19a9a; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--text); background: var(--back); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--back); padding: .5rem 1rem; z-index: 1; }
nav { padding: 1rem; background: var(--raised); border-bottom: 1px solid var(--line); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav ul ul { padding-left: 1rem; }
nav a { display: block; padding: .25rem 0 .25rem 1rem; text-indent: -1rem; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { text-decoration: underline; }
nav summary { padding: .3rem 0; font-weight: 600; }
.menu > ul { margin-left: 1rem; }
.brand { margin: 0; font-weight: 700; }
small, .errors, .scope { color: var(--soft); font-weight: 400; font-size: .85rem; }
main { padding: 1rem; min-width: 0; max-width: 62rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; } h3 { margin: 0 0 .25rem; font-size: 1.05rem; }
article { margin: 1.5rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--raised); }
article:target { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
.line { margin: 0 0 .75rem; }
.line code { overflow-wrap: anywhere; }
.get, .post, .put, .patch, .delete { font: 700 .75rem/1 ui-monospace, monospace; text-transform: uppercase; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--change); } .delete { color: var(--remove); }
summary { cursor: pointer; padding: .3rem 0; min-height: 1.5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre, .scroll { overflow: auto; max-height: 30rem; background: var(--back); border: 1px solid var(--line); border-radius: .375rem; }
pre { padding: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 400; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 20rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; border-bottom: 0; border-right: 1px solid var(--line); }
  main { padding: 2rem 3rem; }
}
/* Where there is room the menu stands open by itself; browsers that cannot do that keep its button. */
@supports selector(::details-content) { @media (min-width: 60rem) {
  .menu > summary { display: none; }
  .menu::details-content { display: block; content-visibility: visible; }
  .menu > ul { margin: .5rem 0 0; }
} }
`;
