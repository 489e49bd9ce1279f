import { describe, expect, test } from "vitest";
import { boundSchema } from "./bound-schema.ts";

const limits = { text: 100, items: 5 };

describe("a schema without limits gets them", () => {
  test.each([
    [{ type: "string" }, { type: "string", maxLength: 100 }],
    [
      { type: "string", maxLength: 7 },
      { type: "string", maxLength: 7 },
    ],
    [
      { type: "string", format: "uuid" },
      { type: "string", format: "uuid", maxLength: 36 },
    ],
    [
      { type: "string", enum: ["a"] },
      { type: "string", enum: ["a"] },
    ],
    [
      { type: "array", items: { type: "string" } },
      { type: "array", items: { type: "string", maxLength: 100 }, maxItems: 5 },
    ],
    [
      { type: "integer", minimum: 1, maximum: 500 },
      { type: "integer", minimum: 1, maximum: 500, format: "int32" },
    ],
    [{ type: "integer" }, { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991, format: "int64" }],
    [
      { type: "object", additionalProperties: true },
      { type: "object", additionalProperties: true, maxProperties: 5 },
    ],
    [
      { type: "object", properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } } },
      { type: "object", properties: { a: { anyOf: [{ type: "string", maxLength: 100 }, { type: "null" }] } } },
    ],
  ])("%j", (schema, bound) => {
    expect(boundSchema(schema, limits)).toEqual(bound);
  });
});
