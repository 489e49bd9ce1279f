import { expect, test } from "vitest";
import type { EventFact } from "../../pipeline/facts.ts";
import type { JsonObject } from "../../platform/json.ts";
import { trackEventReceived } from "./track-event-received.ts";

function read(properties: JsonObject): EventFact {
  const outcome = trackEventReceived.read({ kind: "trackEventReceived", properties, message: { properties } });
  if (outcome.outcome !== "ok" || !outcome.value.event) throw new Error(`read as ${JSON.stringify(outcome)}`);
  return outcome.value.event;
}

test.each<[string, JsonObject, string, JsonObject]>([
  ["as published", { name: "Upgraded", eventProperties: { to: "pro" }, source: "web" }, "Upgraded", { to: "pro" }],
  [
    "nested",
    { name: "x", eventProperties: { a: [null, { b: {} }], c: 0, d: "" } },
    "x",
    { a: [null, { b: {} }], c: 0, d: "" },
  ],
  ["a name with spaces around", { name: " x ", eventProperties: {} }, " x ", {}],
  ["a number as a name", { name: 7, eventProperties: {} }, "7", {}],
  ["no name", { eventProperties: { a: 1 } }, "Track Received", { a: 1 }],
  ["a blank name", { name: " ", eventProperties: {} }, "Track Received", {}],
  ["a name that is none", { name: { en: "x" }, eventProperties: {} }, "Track Received", {}],
  ["no properties of its own", { name: "x", source: "web" }, "x", {}],
  ["none of its own, but others", { name: "x", trackProperties: { a: 1 } }, "x", { trackProperties: { a: 1 } }],
  ["null", { name: "x", eventProperties: null }, "x", {}],
  ["a list", { name: "x", eventProperties: [1, { a: 2 }] }, "x", { value: [1, { a: 2 }] }],
  ["a text", { name: "x", eventProperties: "a=1" }, "x", { value: "a=1" }],
  ["0", { name: "x", eventProperties: 0 }, "x", { value: 0 }],
  ["nothing at all", {}, "Track Received", {}],
])("%s", (_name, properties, name, expected) => {
  expect(read(properties)).toEqual({ name, guideId: null, properties: expected });
});

test("a property called __proto__ is one like any other", () => {
  const { properties } = read(JSON.parse('{"name":"x","eventProperties":{"__proto__":{"a":1}}}'));
  expect(JSON.stringify(properties)).toBe('{"__proto__":{"a":1}}');
  expect("a" in properties).toBe(false);
});
