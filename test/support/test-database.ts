// A database of its own for a test file, cloned from the template.
import { inject } from "vitest";
import { createPool, type DatabasePool, type DatabaseSettings } from "../../src/platform/database/pool.ts";
import { createLog } from "../../src/platform/log.ts";

export type TestDatabase = { pool: DatabasePool; settings: DatabaseSettings; drop: () => Promise<void> };

export const silentLog = createLog({ format: "json", level: "silent" });

let count = 0;

export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject("testServer");
  count += 1;
  const database = `plumbline_test_${process.pid}_${Date.now()}_${count}`;
  const admin = createPool({ ...server, database: "postgres" }, { max: 1, name: "tests", log: silentLog });
  await admin.query(`create database ${database} template plumbline_test_template`);
  const settings = { ...server, database };
  const pool = createPool(settings, { max: 8, name: "tests", log: silentLog });
  return {
    pool,
    settings,
    async drop() {
      await pool.end();
      await admin.query(`drop database ${database} with (force)`);
      await admin.end();
    },
  };
}
