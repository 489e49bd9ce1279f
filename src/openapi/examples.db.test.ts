// The examples of the document against a world they are played on: what they show is what is asked and answered there.
// UPDATE_EXAMPLES=1 writes them anew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { beforeAll, expect, test } from "vitest";
import { type Recorded, recordExamples } from "../../test/support/record-examples.ts";
import type { Operation } from "./complete-document.ts";
import stored from "./examples.json" with { type: "json" };

const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordExamples();
  if (process.env.UPDATE_EXAMPLES === "1")
    writeFileSync(join(import.meta.dirname, "examples.json"), `${JSON.stringify(recorded.examples, null, 2)}\n`);
}, 120_000);

const listOperations = () =>
  Object.values(recorded.document.paths).flatMap((all) => Object.values(all).map((operation) => operation));

/** Names and types, without what is in them: ids and counts differ from run to run. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => [name, shapeOf(one)]),
  );
}

test.skipIf(process.env.UPDATE_EXAMPLES === "1")("are what the server answers", () => {
  const names = (examples: object) => Object.keys(examples).sort();
  expect(names(stored)).toEqual(names(recorded.examples));
  for (const [name, example] of Object.entries(recorded.examples))
    expect([name, shapeOf((stored as Record<string, unknown>)[name])]).toEqual([name, shapeOf(example)]);
});

test("are what the schemas say", () => {
  const checker = new Ajv2020({ strict: false });
  addFormats(checker);
  for (const { operationId, requestBody, responses } of listOperations()) {
    const example = recorded.examples[operationId!];
    const success = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];
    const parts = [
      [example?.request, requestBody?.content["application/json"]],
      [example?.response, success?.content?.["application/json"]],
    ] as const;
    for (const [value, media] of parts) {
      if (value === undefined || !media) continue;
      const isRight = checker.validate(media.schema, value);
      expect([operationId, isRight, checker.errors]).toEqual([operationId, true, null]);
    }
  }
});

/**
 * Files are no JSON; a key has neither a session nor a password, and makes no workspace; other people, a poll, and a run that was
 * stopped are not in the world that is played on.
 */
const notPlayed = [
  "createImport",
  "confirmReportRun",
  "changeMember",
  "removeMember",
  "createPasswordLink",
  "getPollResponse",
];
const isWithout = ({ operationId, tags }: Operation) =>
  /^export|Body$|Workspace$/.test(operationId!) || tags?.includes("Signing in") || notPlayed.includes(operationId!);

test("are of every operation", () => {
  const missing = listOperations().filter((one) => !(one.operationId! in recorded.examples) && !isWithout(one));
  expect(missing.map(({ operationId }) => operationId)).toEqual([]);
});
