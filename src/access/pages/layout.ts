// What all pages look like, and the parts their forms are made of.
import { Html, html } from "./html.ts";

export type Faults = Readonly<Record<string, string | undefined>>;

export function renderPage({ title, body }: { title: string; body: Html }): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Plumbline</title>
<link rel="stylesheet" href="/assets/plumbline.css">
<link rel="icon" href="/assets/plumbline.svg" type="image/svg+xml">
<script src="/assets/plumbline.js" defer></script>
</head>
<body class="outside">
<header class="brand">${mark}<span>Plumbline</span></header>
<main>${body}</main>
</body>
</html>
`;
  return page.text;
}

const mark = new Html(
  '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1v9" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><path d="M7.5 10h9L12 23z" fill="currentColor"/></svg>',
);

export type Field = {
  name: string;
  label: string;
  type?: "text" | "email" | "password";
  autocomplete: string;
  value?: string | undefined;
  hint?: string;
  /** Shown, and not to be changed. */
  isFixed?: boolean;
  isFocused?: boolean;
};

/** A label, the field, and under it what is wrong with it. */
export function renderField(field: Field, faults: Faults = {}): Html {
  const { name, label, type = "text", autocomplete, value = "", hint, isFixed, isFocused } = field;
  const fault = faults[name];
  const described = [fault && `${name}-fault`, hint && `${name}-hint`].filter(Boolean).join(" ");
  const flags = [isFixed ? "readonly" : "required", isFocused && "autofocus", fault && 'aria-invalid="true"'];
  return html`<div class="field">
<label for="${name}">${label}</label>
<div class="input"><input id="${name}" name="${name}" type="${type}" value="${type === "password" ? "" : value}" autocomplete="${autocomplete}" maxlength="1000" spellcheck="false" autocapitalize="${name === "name" ? "words" : "none"}"${described && html` aria-describedby="${described}"`} ${new Html(flags.filter(Boolean).join(" "))}>${
    type === "password" &&
    html`<button type="button" class="quiet show" data-shows="${name}" aria-label="Show the password" hidden>Show</button>`
  }</div>
${fault && html`<p class="fault" id="${name}-fault">${fault}</p>`}
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
</div>`;
}

/** What is wrong as a whole. */
export function renderFault(fault: string | undefined): Html | false {
  return fault !== undefined && html`<p class="notice wrong" role="alert">${fault}</p>`;
}
