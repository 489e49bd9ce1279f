import { type Command, Option } from "commander";
import { getWorkspace, setHierarchy } from "../settings/workspaces-table.ts";
import { parseIdOf } from "./arguments.ts";
import { findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

export function addWorkspaceCommand(program: Command): void {
  const workspace = program.command("workspace").description("what holds for a workspace as a whole");

  workspace
    .command("show")
    .description("show the workspace")
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action((options) => showAfter(options, async () => {}));

  workspace
    .command("set")
    .description("change what holds for the workspace")
    .addOption(
      new Option("--hierarchy <state>", "organizations above accounts: on or off")
        .choices(["on", "off"])
        .makeOptionMandatory(),
    )
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action((options) =>
      showAfter(options, (database, workspaceId) => setHierarchy(database, workspaceId, options.hierarchy === "on")),
    );
}

function showAfter(
  options: { workspace?: string; json?: boolean },
  change: (database: Parameters<typeof setHierarchy>[0], workspaceId: string) => Promise<void>,
): Promise<void> {
  return withDatabase(async ({ database }) => {
    const workspaceId = await findWorkspaceId(database.pool, options.workspace);
    await change(database.pool, workspaceId);
    const { name, hierarchy } = await getWorkspace(database.pool, workspaceId);
    print({ id: workspaceId, name, hierarchy: hierarchy ? "on" : "off" }, options, (one) => formatTable([one], ""));
  });
}
