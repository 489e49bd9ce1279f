import { expect, test } from "vitest";
import { idBeside, nameOf } from "./records.ts";

test.each([
  ["Acme", "Acme", "crm-1"],
  [null, "crm-1", undefined],
  ["", "crm-1", undefined],
  ["  ", "crm-1", undefined],
  ["crm-1", "crm-1", undefined],
])("what is called %j and has an external ID is shown as %j, with %j beside it", (name, shown, beside) => {
  const record = { name, externalId: "crm-1" };
  expect([nameOf(record), idBeside(record)]).toEqual([shown, beside]);
});
