// One real PostgreSQL for all tests of a run, and a template with the schema: each test file gets a copy of its own.
import { rmSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { buildPrograms } from "../../scripts/build.mjs";
import { createBodyPartitions } from "../../src/pipeline/inbox/delivery-bodies-table.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { createPool } from "../../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../../src/platform/log.ts";
import { createOpenFolder } from "./plumbline-process.ts";

export type TestServer = { host: string; port: number; user: string };

declare module "vitest" {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await buildPrograms();
  const dataDir = createOpenFolder();
  const log = createLog({ format: "json", level: "error" });
  const server = await startEmbeddedPostgres({ dataDir, log, supervise: false });
  const { host, port, user } = server.connection;
  const admin = createPool({ host, port, user, database: "postgres" }, { max: 1, name: "tests", log });
  await admin.query("create database plumbline_test_template");
  const template = createPool(
    { host, port, user, database: "plumbline_test_template" },
    { max: 2, name: "tests", log },
  );
  await migrate(template, log);
  await createBodyPartitions(template, new Date());
  await template.end();
  await admin.end();
  project.provide("testServer", { host, port, user });
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
