import type { Command } from "commander";
import { backUp } from "../platform/database/backup.ts";
import { restore } from "../platform/database/restore.ts";
import { print, withDatabase } from "./command.ts";
import { explainFileError } from "./explain-file-error.ts";

export function addBackupCommands(program: Command): void {
  program
    .command("backup")
    .description("write everything into one file, while Plumbline runs; the key for stored secrets is not in it")
    .argument("<file>", "the file to write, gzipped; one of that name is replaced when the new one is whole")
    .option("--json", "print one JSON document")
    .action((file, options) =>
      withDatabase(async ({ database, config }) => {
        const result = await backUp(database.pool, file).catch(explainFileError(file, "written"));
        print(result, options, ({ rows, bytes }) =>
          [
            `${rows} rows, ${bytes} bytes in ${file}.`,
            config.secretKeys.length > 0
              ? "Stored secrets open only with this PLUMBLINE_SECRET_KEY."
              : `Keep ${config.dataDir}/secret-key with it: stored secrets open only with that key.`,
          ].join("\n"),
        );
      }),
    );

  program
    .command("restore")
    .description("read a backup into an empty database; nothing is overwritten")
    .argument("<file>", "what backup wrote")
    .option("--json", "print one JSON document")
    .action((file, options) =>
      withDatabase(async ({ database, config }) => {
        const result = await restore(database.pool, file).catch(explainFileError(file, "read"));
        print(result, options, ({ rows }) =>
          [
            `${rows} rows restored.`,
            config.secretKeys.length > 0
              ? "Stored secrets open only with the PLUMBLINE_SECRET_KEY they were made with."
              : `Stored secrets open only with the key they were made with: put its file at ${config.dataDir}/secret-key.`,
          ].join("\n"),
        );
      }),
    );
}
