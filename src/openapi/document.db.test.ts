// The document of the API, as the real app gives it: complete, by the rules, and no more than is there.
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lintApiDocument } from "../../test/support/lint-api-document.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import type { ApiDocument, Operation } from "./complete-document.ts";

const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

let plumbline: TestApp;
let document: ApiDocument;
beforeAll(async () => {
  plumbline = await createTestApp();
  document = (await (await fetch(`${plumbline.url}/api/v1/openapi.json`)).json()) as ApiDocument;
});
afterAll(() => plumbline.stop());

type Found = { path: string; method: string; operation: Operation };
const listOperations = (): Found[] =>
  Object.entries(document.paths).flatMap(([path, all]) =>
    Object.entries(all).map(([method, operation]) => ({ path, method, operation })),
  );

test("keeps the rules of OpenAPI 3.1, Spectral and OWASP", async () => {
  const servers = [{ ...document.servers?.[0], url: "https://plumbline.example" }];
  expect(await lintApiDocument({ ...document, servers })).toEqual([]);
});

test("has no operation that the server does not know, and none that anybody may use", async () => {
  const open = new Set(["post /api/v1/session", "delete /api/v1/session"]);
  for (const { path, method } of listOperations()) {
    if (open.has(`${method} ${path}`)) continue;
    const id = "019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b";
    const url = `${plumbline.url}${path.replace("{level}", "user").replace(/\{\w+\}/g, id)}`;
    const { status } = await fetch(url, { method: method.toUpperCase() });
    expect([method, path, status]).toEqual([method, path, 401]);
  }
});

test("says of every part what it is for", () => {
  for (const { name, description } of document.tags!) expect([name, description]).not.toEqual([name, name]);
  for (const { operation } of listOperations())
    for (const { name, description } of operation.parameters ?? [])
      expect([operation.operationId, name, description]).not.toEqual([operation.operationId, name, name]);
});

describe("its limits hold", () => {
  test.each([
    ["/events?user=", 2_001, "user"],
    ["/users?externalId=", 2_001, "externalId"],
  ])("%s of %i characters is refused", async (path, length, name) => {
    const { status, json } = await plumbline.get(`${path}${"x".repeat(length)}`);
    expect(status).toBe(400);
    expect(json.errors).toEqual([expect.objectContaining({ parameter: name })]);
  });

  test("an Idempotency-Key is taken as long as it says, and no longer", async () => {
    const { parameters = [] } = document.paths["/api/v1/api-keys"]!.post!;
    const most = Number(parameters.find(({ name }) => name === "Idempotency-Key")!.schema.maxLength);
    const send = async (key: string) => {
      const headers = { authorization: `Bearer ${plumbline.key}`, "content-type": "application/json" };
      const body = JSON.stringify({ name: "x", scopes: ["read"] });
      const url = `${plumbline.url}/api/v1/api-keys`;
      return (await fetch(url, { method: "POST", headers: { ...headers, "idempotency-key": key }, body })).status;
    };
    expect([await send("k".repeat(most)), await send("k".repeat(most + 1))]).toEqual([201, 400]);
  });

  test("every answer says what is left of the budget, one without a key too", async () => {
    const first = await plumbline.getText("/users");
    const second = await plumbline.getText("/users");
    const left = ({ headers }: { headers: Headers }) => Number(headers.get("ratelimit-remaining"));
    expect(left(second)).toBe(left(first) - 1);
    const stranger = await fetch(`${plumbline.url}/api/v1/users`);
    expect(stranger.headers.get("ratelimit-limit")).toBe("6000, 6000;window=60");
  });
});

test("signing in says what is left of the attempts from an address, and promises to keep no answer", async () => {
  expect(document.paths["/api/v1/session"]!.post!.parameters).toBeUndefined();
  const [one, other] = await Promise.all(
    ["one", "other"].map((name) =>
      fetch(`${plumbline.url}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: `${name}@acme.example`, password: "no such password" }),
      }),
    ),
  );
  const left = [one!, other!].map(({ headers }) => Number(headers.get("ratelimit-remaining")));
  expect([one!.status, one!.headers.get("ratelimit-limit")]).toEqual([401, "50, 50;window=900"]);
  expect(Math.min(...left)).toBe(48);
});

test("its examples are what the schemas say", () => {
  const checker = new Ajv2020({ strict: false });
  addFormats(checker);
  for (const { operation } of listOperations())
    for (const media of [operation.requestBody, ...Object.values(operation.responses)].flatMap((one) =>
      Object.values(one?.content ?? {}),
    )) {
      if (media.example === undefined) continue;
      const isRight = checker.validate(media.schema, media.example);
      expect([operation.operationId, isRight, checker.errors]).toEqual([operation.operationId, true, null]);
    }
});

test("on the page to read, the menu has every operation and stands closed before the content", async () => {
  const page = await (await fetch(`${plumbline.url}/api/reference`)).text();
  const menu = /<nav .*?<details class="menu"><summary>[^<]+<\/summary>(.*)<\/details>\s*<\/nav>\s*<main/s.exec(
    page,
  )?.[1];
  const named = [...menu!.matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
  expect(named.sort()).toEqual(
    listOperations()
      .map(({ operation }) => operation.operationId)
      .sort(),
  );
  expect(page).not.toMatch(/<details[^>]* open/);
});
