import { expect, test } from "vitest";
import { listGroups } from "./fields.ts";

test.each([
  [["agent.email"], ["agent"]],
  [
    ["agent.email", "agent.name", "custom.crm_id"],
    ["agent", "custom"],
  ],
  [["agent.address.city"], ["agent"]],
  [["pendo_hubspot.id"], ["pendo_hubspot"]],
  [[], []],
  [["email"], "all"],
  [["agent.email", "email"], "all"],
  [[".email"], "all"],
  [["my group.email"], "all"],
  [['x"].y'], "all"],
  ["all", "all"],
] as const)("for %j, %j is read", (fields, groups) => {
  expect(listGroups(fields)).toEqual(groups);
});
