import { type Command, Option } from "commander";
import { changeWorkspace, createWorkspace } from "../access/workspaces.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { getWorkspace, listWorkspaces, type Workspace } from "../settings/workspaces-table.ts";
import { parseIdOf, parseName } from "./arguments.ts";
import { commandLine, findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

const hierarchyOption = () =>
  new Option("--hierarchy <state>", "organizations above accounts: on or off").choices(["on", "off"]);

export function addWorkspaceCommand(program: Command): void {
  const workspace = program.command("workspace").description("what holds for a workspace as a whole");

  workspace
    .command("list")
    .description("list the workspaces")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        const workspaces = (await listWorkspaces(database.pool)).map(describe);
        print(workspaces, options, (rows) => formatTable(rows, ""));
      }),
    );

  workspace
    .command("create")
    .description("make a workspace; `plumbline member invite --role admin --workspace <id>` invites who runs it")
    .requiredOption("--name <name>", "what it is called", parseName)
    .addOption(hierarchyOption().default("off"))
    .option("--json", "print one JSON document")
    .action(({ name, hierarchy, ...options }) =>
      withDatabase(async ({ database }) => {
        const made = await inTransaction(database.pool, (tx) =>
          createWorkspace(tx, commandLine, { name, hierarchy: hierarchy === "on", admin: undefined }, new Date()),
        );
        print(describe(made), options, (row) => formatTable([row], ""));
      }),
    );

  workspace
    .command("show")
    .description("show the workspace")
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action(({ workspace, ...options }) =>
      withDatabase(async ({ database }) => {
        const shown = await getWorkspace(database.pool, await findWorkspaceId(database.pool, workspace));
        print(describe(shown), options, (row) => formatTable([row], ""));
      }),
    );

  workspace
    .command("set")
    .description("change what holds for the workspace")
    .option("--name <name>", "what it is called", parseName)
    .addOption(hierarchyOption())
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action(({ workspace, name, hierarchy, ...options }) =>
      withDatabase(async ({ database }) => {
        if (name === undefined && hierarchy === undefined)
          throw new Error("Say what to change: --name <name>, --hierarchy on or off.");
        const workspaceId = await findWorkspaceId(database.pool, workspace);
        const wanted = { workspaceId, name, hierarchy: hierarchy && hierarchy === "on" };
        const changed = await inTransaction(database.pool, (tx) =>
          changeWorkspace(tx, commandLine, wanted, new Date()),
        );
        print(describe(changed), options, (row) => formatTable([row], ""));
      }),
    );
}

function describe({ workspaceId: id, name, hierarchy }: Workspace) {
  return { id, name, hierarchy: hierarchy ? "on" : "off" };
}
