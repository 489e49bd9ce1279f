// The API reference as one page of HTML, made from the document: everything is on it, so that a browser's own search finds it.
import { Html, html } from "../access/pages/html.ts";
import type { Schema } from "../platform/bound-schema.ts";
import type { ApiDocument, Operation } from "./complete-document.ts";

type Entry = { path: string; method: string; operation: Operation };

export function renderReference(document: ApiDocument): string {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Entry => ({ path, method, operation })),
  );
  const groups = (document.tags ?? []).map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags?.includes(tag.name)),
  }));
  const { version, description } = document.info as { version: string; description: string };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API reference – Plumbline</title>
<link rel="stylesheet" href="reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to the reference</a>
<nav aria-label="Operations">
<p class="brand">Plumbline API <small>${version}</small></p>
<details class="menu"><summary>Operations</summary>
<ul>${groups.map(
    (group) =>
      html`<li><details><summary>${group.name}</summary><ul>${group.entries.map(
        ({ operation, method }) =>
          html`<li><a href="#${operation.operationId}"><span class="${method}">${method}</span> ${breakWords(operation.operationId ?? "")}</a></li>`,
      )}</ul></details></li>`,
  )}</ul>
</details>
</nav>
<main id="content" tabindex="-1">
<h1>API reference</h1>
${description.split("\n\n").map((part) => html`<p>${renderWords(part)}</p>`)}
<p>The same for programs: <a href="v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${groups.map(
  (group) =>
    html`<section><h2>${group.name}</h2><p>${group.description}</p>${group.entries.map(renderEntry)}</section>`,
)}
</main>
</body>
</html>
`.text;
}

/** listPendoReports may go on in the next line before each of its words. */
function breakWords(id: string): Html[] {
  return id.split(/(?=[A-Z])/).map((word, place) => html`${place > 0 && new Html("<wbr>")}${word}`);
}

/** Bold and code, as the document's words have them. */
function renderWords(text: string): Html[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
    return part.startsWith("`") ? html`<code>${part.slice(1, -1)}</code>` : html`${part}`;
  });
}

function renderEntry({ path, method, operation }: Entry): Html {
  const scopes = (operation.security as Record<string, string[]>[] | undefined)?.[0]?.apiKey ?? [];
  const parameters = operation.parameters ?? [];
  return html`<article id="${operation.operationId}" aria-labelledby="${operation.operationId}-title">
<h3 id="${operation.operationId}-title">${operation.summary}</h3>
<p class="line"><span class="${method}">${method}</span> <code>${path}</code>${scopes.length > 0 && html` <span class="scope">needs ${scopes.join(", ")}</span>`}</p>
${parameters.length > 0 && html`<details><summary>Parameters</summary>${renderTable(parameters.map((one) => ({ name: one.name, where: one.in, isRequired: one.required === true, schema: { ...one.schema, description: one.description } })))}</details>`}
${operation.requestBody && renderContent("Request", operation.requestBody.content)}
${Object.entries(operation.responses)
  .filter(([status]) => status.startsWith("2"))
  .map(([status, answer]) => renderContent(`Answer ${status}`, answer.content ?? {}))}
<p class="errors">Errors: ${Object.keys(operation.responses)
    .filter((status) => !status.startsWith("2"))
    .join(", ")}</p>
</article>`;
}

function renderContent(title: string, content: Record<string, { schema: Schema; example?: unknown }>): Html[] {
  return Object.entries(content).map(
    ([type, { schema, example }]) => html`<details><summary>${title} <small>${type}</small></summary>
${renderTable(listFields(schema))}
${example !== undefined && html`<pre tabindex="0" aria-label="Example">${typeof example === "string" ? example : JSON.stringify(example, null, 2)}</pre>`}
</details>`,
  );
}

type Field = { name: string; where?: string; isRequired: boolean; schema: Schema };
const deepest = 4;

function listFields(schema: Schema, prefix = "", depth = 0): Field[] {
  if (depth > deepest) return [];
  const inner = unwrap(schema);
  if (inner.type === "array") return listFields(inner.items as Schema, `${prefix}[]`, depth);
  const properties = (inner.properties ?? {}) as Record<string, Schema>;
  const required = (inner.required ?? []) as string[];
  return Object.entries(properties).flatMap(([name, one]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [{ name: path, isRequired: required.includes(name), schema: one }, ...listFields(one, path, depth + 1)];
  });
}

/** What it is where it is not null. */
function unwrap(schema: Schema): Schema {
  const choices = (schema.anyOf ?? []) as Schema[];
  return choices.find((one) => one.type !== "null") ?? schema;
}

function renderTable(fields: readonly Field[]): Html | false {
  if (fields.length === 0) return false;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Fields"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${fields.map(
    ({
      name,
      where,
      isRequired,
      schema,
    }) => html`<tr><th scope="row"><code>${name}</code>${where && html` <small>${where}</small>`}${isRequired && html` <small>required</small>`}</th>
<td>${describeType(schema)}</td><td>${renderWords(String(schema.description ?? unwrap(schema).description ?? ""))}</td></tr>`,
  )}</tbody></table></div>`;
}

function describeType(schema: Schema): string {
  const choices = (schema.anyOf ?? []) as Schema[];
  if (choices.length > 0) return [...new Set(choices.map(describeType))].join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.join(" | ");
  if (schema.type === "array") return `list of ${describeType((schema.items ?? {}) as Schema)}`;
  return [schema.type ?? "anything", schema.format].filter(Boolean).join(", ");
}
