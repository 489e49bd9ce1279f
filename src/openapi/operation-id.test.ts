import { expect, test } from "vitest";
import { nameOperation } from "./operation-id.ts";

test.each([
  ["get", "/users", true, "listUsers"],
  ["get", "/users/{id}", false, "getUser"],
  ["get", "/deliveries/{id}", true, "getDelivery"],
  ["get", "/users.csv", false, "exportUsers"],
  ["get", "/nps-responses.csv", false, "exportNpsResponses"],
  ["get", "/report-runs/{id}/problems.csv", false, "exportReportRunProblems"],
  ["get", "/users/{id}/traits", true, "listUserTraits"],
  ["get", "/users/{id}/traits/{name}/history", true, "listUserTraitHistory"],
  ["get", "/ledger", false, "getLedger"],
  ["post", "/reports", false, "createReport"],
  ["post", "/reports/{id}/sync", false, "syncReport"],
  ["post", "/connections/{id}/rotate", false, "rotateConnection"],
  ["patch", "/connections/{id}", false, "changeConnection"],
  ["put", "/connections/{id}/integration-key", false, "setConnectionIntegrationKey"],
  ["delete", "/reports/{id}", false, "removeReport"],
  ["delete", "/sessions", false, "removeSessions"],
  ["delete", "/sessions/{id}", false, "removeSession"],
])("%s %s is %s", (method, path, isList, name) => {
  expect(nameOperation(method, path, isList)).toBe(name);
});
