import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRequestsStrictly } from "./check-requests.ts";
import type { HttpError } from "./http-server.ts";
import { createProblem } from "./problem.ts";

const app = fastify();
checkRequestsStrictly(app);
app.setErrorHandler((error: HttpError, _request, reply) =>
  reply.status(error.statusCode).send(createProblem(error.statusCode, error.message, error.faults)),
);
const text = { type: "string" };
app.post("/", {
  schema: {
    querystring: {
      type: "object",
      properties: { limit: { type: "integer", minimum: 1 }, since: { type: "string", format: "date-time" } },
      additionalProperties: false,
    },
    body: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", minLength: 1 },
        state: { anyOf: [{ const: "on" }, { const: "off" }] },
        owner: { anyOf: [text, { type: "null" }] },
        level: { enum: ["user", "account"] },
        "a/b~c": { type: "integer" },
        list: { type: "array", items: { type: "integer" }, maxItems: 10 },
      },
    },
  },
  handler: async (request) => ({ query: request.query, body: request.body }),
});
const post = async (body: unknown, query = "") => {
  const answer = await app.inject({ method: "POST", url: `/${query}`, payload: body as object });
  return { status: answer.statusCode, json: answer.json() };
};

beforeAll(() => app.ready());
afterAll(() => app.close());

test.each<[string, object, object[]]>([
  ["a name is missing", {}, [{ pointer: "#/name", detail: "is missing" }]],
  [
    "something is not known",
    { name: "a", nmae: "b" },
    [{ pointer: "#/nmae", detail: "is not known here; known are name, state, owner, level, a/b~c, list" }],
  ],
  ["one of two texts", { name: "a", state: "of" }, [{ pointer: "#/state", detail: 'must be "on" or "off"' }]],
  ["a text or null", { name: "a", owner: 1 }, [{ pointer: "#/owner", detail: "must be string or null" }]],
  ["one of a list", { name: "a", level: "x" }, [{ pointer: "#/level", detail: 'must be one of "user", "account"' }]],
  [
    "a name with signs of a pointer",
    { name: "a", "a/b~c": "x" },
    [{ pointer: "#/a~1b~0c", detail: "must be integer" }],
  ],
  ["a text is no number", { name: "a", list: [1, "2"] }, [{ pointer: "#/list/1", detail: "must be integer" }]],
  ["the whole body", [], [{ pointer: "#", detail: "must be object" }]],
])("says what is wrong, and where: %s", async (_name, body, errors) => {
  const { status, json } = await post(body);
  expect([status, json.status, json.title, json.errors]).toEqual([400, 400, "Bad Request", errors]);
});

test("says everything at once, and the first of it in one text", async () => {
  const { json } = await post({ state: 1, owner: 2, level: 3, list: ["x"] });
  expect(json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    "#/level",
    "#/list/0",
    "#/name",
    "#/owner",
    "#/state",
  ]);
  expect(json.detail).toMatch(/^`name` is missing\. .*And 2 more\.$/);
});

test("names parameters, and takes texts of an address as what they stand for", async () => {
  expect((await post({ name: "a" }, "?limit=5")).json.query).toEqual({ limit: 5 });
  expect((await post({ name: "a" }, "?limit=0&sicne=2026-01-01T00:00:00Z")).json.errors).toEqual([
    { parameter: "sicne", detail: "is not known here; known are limit, since" },
    { parameter: "limit", detail: "must be >= 1" },
  ]);
  expect((await post({ name: "a" }, "?since=yesterday")).json.detail).toBe(
    "`since` must be a time in ISO 8601, such as 2026-03-31T14:00:00Z.",
  );
});

test("a body of which everything is wrong costs no more than its first fault", async () => {
  const { json } = await post({ name: "a", list: Array.from({ length: 200_000 }, () => "x") });
  expect(json.errors).toHaveLength(1);
  const short = await post({ name: "a", list: Array.from({ length: 5_000 }, () => "x") });
  expect(short.json.errors).toHaveLength(100);
});
