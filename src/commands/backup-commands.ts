import type { Command } from "commander";
import { backUp } from "../platform/database/backup.ts";
import { restore } from "../platform/database/restore.ts";
import { print, withDatabase } from "./command.ts";

export function addBackupCommands(program: Command): void {
  program
    .command("backup <file>")
    .description("write everything into one file, while Plumbline runs; the key for stored secrets is not in it")
    .option("--json", "print one JSON document")
    .action((file, options) =>
      withDatabase(async ({ database, config }) => {
        const result = await backUp(database.pool, file);
        print(result, options, ({ rows, bytes }) =>
          [
            `${rows} rows, ${bytes} bytes in ${file}.`,
            config.secretKey
              ? "Stored secrets open only with this PLUMBLINE_SECRET_KEY."
              : `Keep ${config.dataDir}/secret-key with it: stored secrets open only with that key.`,
          ].join("\n"),
        );
      }),
    );

  program
    .command("restore <file>")
    .description("read a backup into an empty database; nothing is overwritten")
    .option("--json", "print one JSON document")
    .action((file, options) =>
      withDatabase(async ({ database }) => {
        const result = await restore(database.pool, file);
        print(result, options, ({ rows }) => `${rows} rows restored.`);
      }),
    );
}
