// The mappings of a connection, as a page shows them to go back by.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { setHierarchy } from "../../settings/workspaces-table.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
  await setHierarchy(plumbline.database.pool, plumbline.workspaceId, true);
});
afterAll(() => plumbline.stop());

test("are all there, and going back to an earlier one puts everything where it was", async () => {
  const connection = await plumbline.connect();
  await plumbline.send(connection, createBody("trackEventReceived", { name: "Saved" }));
  await plumbline.settle();
  const of = `/connections/${connection.id}`;
  const list = async () => (await plumbline.get(`${of}/mappings`)).json.items;
  const ownerOf = async () => (await plumbline.get("/events")).json.items[0];
  const apply = async (change: object) => {
    expect((await plumbline.call("PATCH", `${of}/mapping`, change)).status).toBe(200);
    expect((await plumbline.call("POST", `${of}/match-again`)).status).toBe(202);
    await plumbline.app.matchJobs.settleAll();
  };
  const [first] = await list();
  expect(await list()).toMatchObject([{ version: 1, level: "account", isCurrent: true, appliedAt: null }]);
  await apply({ level: "organization" });
  expect(await ownerOf()).toMatchObject({ account: null, organization: { externalId: "acme-1" } });
  expect(await list()).toMatchObject([
    { version: 2, level: "organization", isCurrent: true, appliedAt: expect.stringMatching(/Z$/) },
    { version: 1, isCurrent: false, appliedAt: null },
  ]);
  const { userIdFrom, accountIdFrom, level } = first;
  await apply({ userIdFrom, accountIdFrom, level });
  expect(await ownerOf()).toMatchObject({ account: { externalId: "acme-1" }, organization: null });
  expect((await list()).map((one: any) => [one.version, one.level, one.isCurrent])).toEqual([
    [3, "account", true],
    [2, "organization", false],
    [1, "account", false],
  ]);
  expect((await plumbline.get("/connections/00000000-0000-4000-8000-000000000000/mappings")).status).toBe(404);
});
