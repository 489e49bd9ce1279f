import fastify from "fastify";
import { expect, test } from "vitest";
import { silentLog } from "../../../test/support/test-database.ts";
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
  await app.register(async (pages) => addPages(pages, access));
  const page = await app.inject({ url: "/setup" });
  expect(page.body).toContain(`href="${prefix}/assets/plumbline.css"`);
  expect(page.body).toContain(`src="${prefix}/assets/plumbline.js"`);
  expect(page.body).toContain(`action="${prefix}/setup"`);
  expect(page.body.match(/ (href|src|action)="(?!\/)/g)).toBeNull();
  expect(Number(page.headers["content-length"])).toBe(Buffer.byteLength(page.body));
  const sent = await app.inject({ url: "/" });
  expect([sent.statusCode, sent.headers.location]).toEqual([303, `${prefix}/sign-in`]);
  await app.close();
});
