import fastify from "fastify";
import { expect, test } from "vitest";
import { silentLog } from "../../../test/support/test-database.ts";
import { HttpError } from "../../platform/http-server.ts";
import { createAccess } from "../access.ts";
import { addPages } from "./pages.ts";

test.each([
  ["https://plumbline.example", ""],
  ["https://corp.example/tools/plumbline", "/tools/plumbline"],
])("served at %s, addresses on pages begin with %j", async (publicUrl, prefix) => {
  const app = fastify();
  // These pages ask no database.
  const access = createAccess({
    database: null as never,
    clock: () => new Date(),
    log: silentLog,
    publicUrl,
    oidc: undefined,
  });
  await app.register(async (pages) => addPages(pages, access, { describeError: () => undefined, folder: "/nowhere" }));
  const page = await app.inject({ url: "/setup" });
  expect(page.body).toContain(`href="${prefix}/assets/plumbline.css"`);
  expect(page.body).toContain(`src="${prefix}/assets/plumbline.js"`);
  expect(page.body).toContain(`action="${prefix}/setup"`);
  expect(page.body.match(/ (href|src|action)="(?!\/)/g)).toBeNull();
  expect(Number(page.headers["content-length"])).toBe(Buffer.byteLength(page.body));
  const sent = await app.inject({ url: "/", headers: { accept: "text/html" } });
  expect([sent.statusCode, sent.headers.location]).toEqual([303, `${prefix}/sign-in`]);
  await app.close();
});

test("a page that a database would have to fill says that it does not answer", async () => {
  const app = fastify();
  const away = new Error("connection terminated");
  const access = createAccess({
    database: { query: () => Promise.reject(away) } as never,
    clock: () => new Date(),
    log: silentLog,
    publicUrl: "https://plumbline.example",
    oidc: undefined,
  });
  const describeError = (error: Error) => (error === away ? new HttpError(503, "Come again in a moment.") : undefined);
  await app.register(async (pages) => addPages(pages, access, { describeError, folder: "/nowhere" }));
  const page = await app.inject({ url: "/sign-in" });
  expect([page.statusCode, page.headers["content-type"]]).toEqual([503, expect.stringContaining("text/html")]);
  expect(page.body).toContain("Come again in a moment.");
  await app.close();
});
