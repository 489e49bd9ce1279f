import type { Command } from "commander";
import { readConfig } from "../platform/config.ts";
import { migrate } from "../platform/database/migrate.ts";
import { openDatabase } from "../platform/database/open-database.ts";
import { createLog } from "../platform/log.ts";
import { print } from "./command.ts";

export function addMigrateCommand(program: Command): void {
  program
    .command("migrate")
    .description("bring the database schema up to date (start does it too)")
    .option("--json", "print one JSON document")
    .action(async (options) => {
      const config = readConfig();
      const log = createLog({ format: config.logFormat, level: "error" });
      const database = await openDatabase({ config, log, max: 2, supervise: false });
      try {
        const applied = await migrate(database.pool, log);
        print({ applied }, options, () =>
          applied.length === 0 ? "The schema is up to date." : `Applied ${applied.join(", ")}.`,
        );
      } finally {
        await database.stop();
      }
    });
}
