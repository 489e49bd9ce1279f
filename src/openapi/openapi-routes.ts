// The document of the API, and the page that people read it on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { packageRoot } from "../platform/package-root.ts";
import { type ApiDocument, completeDocument, type Examples, securitySchemes } from "./complete-document.ts";
import examples from "./examples.json" with { type: "json" };
import { renderReference } from "./reference-page.ts";
import { referenceStyle } from "./reference-style.ts";

/** Listens to the routes that `api` gets from now on. What it resolves to is the document, once the server is ready. */
export async function addDocument(
  api: FastifyInstance,
  { publicUrl }: { publicUrl: string },
): Promise<() => ApiDocument> {
  const info = { title: "Plumbline", version: readVersion() };
  await api.register(swagger, { openapi: { openapi: "3.1.0", info, components: { securitySchemes } } });
  let completed: ApiDocument | undefined;
  const read = () => {
    completed ??= completeDocument(api.swagger() as ApiDocument, {
      publicUrl,
      version: readVersion(),
      examples: examples as Examples,
    });
    return completed;
  };
  api.get("/openapi.json", { schema: { hide: true } }, async () => read());
  return read;
}

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** No script and nothing from elsewhere: the page works under a policy that allows nothing but its own stylesheet. */
export function addReference(app: FastifyInstance, read: () => ApiDocument): void {
  let page: string | undefined;
  app.get("/api/reference", { schema: { hide: true } }, async (_request, reply) => {
    page ??= renderReference(read());
    return reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(page);
  });
  app.get("/api/reference.css", { schema: { hide: true } }, async (_request, reply) =>
    reply.header("cache-control", "no-cache").type("text/css; charset=utf-8").send(referenceStyle),
  );
}

function readVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;
}
