// The command line.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { addApiKeyCommand } from "./commands/api-key-command.ts";
import { addAuditCommand } from "./commands/audit-command.ts";
import { addBackupCommands } from "./commands/backup-commands.ts";
import { addConnectionCommand } from "./commands/connection-command.ts";
import { addDeliveryCommands } from "./commands/delivery-commands.ts";
import { explainError } from "./commands/explain-error.ts";
import { addImportCommand } from "./commands/import-command.ts";
import { addJobsCommand } from "./commands/jobs-command.ts";
import { addKeysCommand } from "./commands/keys-command.ts";
import { addMatchCommand } from "./commands/match-command.ts";
import { addMemberCommand } from "./commands/member-command.ts";
import { addMigrateCommand } from "./commands/migrate-command.ts";
import { addParkedCommand } from "./commands/parked-command.ts";
import { addReportCommand } from "./commands/report-command.ts";
import { addStartCommand } from "./commands/start-command.ts";
import { addTraitCommand } from "./commands/trait-command.ts";
import { addWorkspaceCommand } from "./commands/workspace-command.ts";
import { packageRoot } from "./platform/package-root.ts";

// Output that cannot be written (a closed pipe, a full disk) lets a command fail, and never ends a server.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exitCode = 1;
  if (error.code !== "EPIPE") process.stderr.write(`The output could not be written: ${error.message}\n`);
});
process.stderr.on("error", () => {});

const program = new Command("plumbline")
  .description(
    "A customer-success hub around Pendo: webhooks become events, NPS and poll responses of the right user and account.",
  )
  .version(readVersion())
  .showHelpAfterError("(add --help to see how it is used)")
  .addHelpText(
    "after",
    `
A command works beside a running Plumbline, and without one. With --json it prints exactly one JSON document on
standard output. When it fails, it prints nothing there: the message is on standard error, and the exit code is 1.`,
  );

addStartCommand(program);
addMigrateCommand(program);
addConnectionCommand(program);
addWorkspaceCommand(program);
addMemberCommand(program);
addApiKeyCommand(program);
addAuditCommand(program);
addDeliveryCommands(program);
addParkedCommand(program);
addMatchCommand(program);
addImportCommand(program);
addReportCommand(program);
addTraitCommand(program);
addBackupCommands(program);
addJobsCommand(program);
addKeysCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explainError(error as Error)}\n`);
  process.exitCode = 1;
}

function readVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version;
}
