// The static files of the pages: one stylesheet, one small script, one picture. They are texts here so that the bundled program has them.
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { stylesheet } from "./stylesheet.ts";

/** Puts the part of a one-time link that stands behind # into the form, and out of the address, and shows passwords. */
const script = `"use strict";
const token = document.querySelector("input[data-from-address]");
if (token && location.hash.length > 1) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  token.form.requestSubmit();
}
for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = field.type === "password";
    field.type = isShown ? "text" : "password";
    button.textContent = isShown ? "Hide" : "Show";
    button.ariaLabel = button.textContent + " the password";
    field.focus();
  });
  field.form.addEventListener("submit", () => {
    field.type = "password";
  });
}
`;

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 1v9" stroke="#2f6f6a" stroke-width="2" stroke-linecap="round"/><path d="M7.5 10h9L12 23z" fill="#2f6f6a"/></svg>';

const assets = {
  "/assets/plumbline.css": { type: "text/css; charset=utf-8", text: stylesheet },
  "/assets/plumbline.js": { type: "text/javascript; charset=utf-8", text: script },
  "/assets/plumbline.svg": { type: "image/svg+xml", text: icon },
};

export function addAssets(app: FastifyInstance): void {
  for (const [path, { type, text }] of Object.entries(assets)) {
    const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
    app.get(path, async (request, reply) => {
      reply.header("cache-control", "no-cache").header("etag", etag);
      if (request.headers["if-none-match"] === etag) return reply.status(304).send();
      return reply.type(type).send(text);
    });
  }
}
