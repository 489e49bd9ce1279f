import { afterAll, beforeAll, expect, test } from "vitest";
import { addFailedJob, failure } from "../../test/support/jobs.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createApiKey } from "../access/api-keys-table.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

test("an administrator sees what failed and lets it run again, once for each Idempotency-Key", async () => {
  expect((await plumbline.get("/jobs")).json).toEqual({ recurring: [], jobs: [] });
  const id = await addFailedJob(plumbline.database.pool);
  const failed = { id, name: "keepImports", state: "failed", lastFailure: failure };
  const { json } = await plumbline.get("/jobs");
  expect(json).toMatchObject({ recurring: [{ name: "keepImports", when: "47 * * * *", zone: "UTC" }], jobs: [failed] });

  const retry = async () => {
    const headers = { authorization: `Bearer ${plumbline.key}`, "idempotency-key": "again" };
    const response = await fetch(`${plumbline.url}/api/v1/jobs/${id}/retry`, { method: "POST", headers });
    return { status: response.status, json: await response.json() };
  };
  const first = await retry();
  expect(first).toMatchObject({ status: 200, json: { id, state: "waiting", attempts: 0 } });
  await plumbline.database.pool.query("select graphile_worker.permanently_fail_jobs(array[$1::bigint], 'again')", [id]);
  expect(await retry()).toEqual(first);
  expect((await plumbline.get("/jobs")).json.jobs).toMatchObject([{ id, state: "failed", lastFailure: "again" }]);
  const noted = (await plumbline.get("/audit-log?action=job")).json.items;
  expect(noted).toMatchObject([
    { action: "job.retried", subject: { type: "job", id }, after: { name: "keepImports" } },
  ]);
});

test("a job that is not there, or is running, is not let run", async () => {
  const { pool } = plumbline.database;
  for (const id of ["999999", "x", "-1"])
    expect((await plumbline.call("POST", `/jobs/${id}/retry`)).status, id).toBe(404);
  const id = await addFailedJob(pool);
  await pool.query("update graphile_worker._private_jobs set locked_at = now(), locked_by = 'w' where id = $1", [id]);
  const { status, json } = await plumbline.call("POST", `/jobs/${id}/retry`);
  expect([status, json.detail]).toEqual([409, `The job ${id} is running.`]);
});

test("whoever is no administrator sees no job", async () => {
  const { pool } = plumbline.database;
  const scopes = ["read", "write"] as const;
  const { key } = await createApiKey(pool, plumbline.workspaceId, "writer", new Date(), { scopes });
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`${plumbline.url}/api/v1/jobs`, { headers })).status).toBe(403);
  expect((await fetch(`${plumbline.url}/api/v1/jobs/1/retry`, { method: "POST", headers })).status).toBe(403);
});
