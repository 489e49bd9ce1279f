// Pages hear that something has changed in their workspace, and nothing of others.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createApiKey } from "../access/api-keys-table.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

async function listen(key: string): Promise<{ heard: string[]; status: number; end: () => void }> {
  const abort = new AbortController();
  const response = await fetch(`${plumbline.url}/api/v1/changes`, {
    headers: { authorization: `Bearer ${key}` },
    signal: abort.signal,
  });
  const heard: string[] = [];
  void (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const part of response.body!) heard.push(decoder.decode(part as Uint8Array));
    } catch {}
  })();
  return { heard, status: response.status, end: () => abort.abort() };
}

test("what is recorded is told to whoever looks at that workspace, and to nobody else", async () => {
  const { pool } = plumbline.database;
  const other = await createApiKey(pool, await createWorkspace(pool), "other", new Date());
  const [own, stranger] = [await listen(plumbline.key), await listen(other.key)];
  await plumbline.send(await plumbline.connect(), createBody("trackEventReceived", { name: "Opened" }));
  await plumbline.settle();
  await expect.poll(() => own.heard.join(""), { timeout: 20_000 }).toContain('"events"');
  expect(own.heard[0]).toBe(": here\n\n");
  expect(stranger.heard.join("")).not.toContain("events");
  own.end();
  stranger.end();
});

test("nobody hears without a key that may read, nor with more than twenty pages at once", async () => {
  const sender = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "sender", new Date(), {
    scopes: ["ingest"],
  });
  expect((await listen(sender.key)).status).toBe(403);
  expect((await listen("plk_none")).status).toBe(401);
  const reader = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "reader", new Date());
  const open = [];
  for (let count = 0; count < 20; count += 1) open.push(await listen(reader.key));
  expect(open.every(({ status }) => status === 200)).toBe(true);
  expect((await listen(reader.key)).status).toBe(429);
  for (const one of open) one.end();
  await expect
    .poll(
      async () => {
        const again = await listen(reader.key);
        again.end();
        return again.status;
      },
      { timeout: 20_000 },
    )
    .toBe(200);
});
