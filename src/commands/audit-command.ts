import type { Command } from "commander";
import { type AuditFilter, listAudit, type ShownAuditLine } from "../access/audit-queries.ts";
import { parseCount, parseIdOf, parseTime } from "./arguments.ts";
import { findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

type Options = AuditFilter & { limit: number; from?: string; workspace?: string; json?: boolean };

export function addAuditCommand(program: Command): void {
  const audit = program.command("audit").description("who changed what, and who used a secret");
  audit
    .command("list")
    .description("the audit log, the newest first")
    .option("--action <action>", "only this action (connection.changed), or all of one thing (connection)")
    .option("--by <who>", "only this key or person, by id or name; or member, api-key, command-line, system")
    .option("--subject <what>", "only about this: its id, or a type such as connection")
    .option("--since <time>", "not before this time", parseTime)
    .option("--until <time>", "before this time", parseTime)
    .option("--limit <count>", "how many lines, 500 at most", parseCount, 100)
    .option("--from <next>", "go on behind an earlier page: the `next` that it ended with")
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action(({ limit, from, workspace, json = false, ...filter }: Options) =>
      withDatabase(async ({ database }) => {
        if (limit < 1 || limit > 500) throw new Error("--limit is between 1 and 500.");
        const workspaceId = await findWorkspaceId(database.pool, workspace);
        const page = await listAudit(database.pool, workspaceId, filter, { limit, from });
        print(page, { json }, ({ items, next }) =>
          [
            formatTable(items.map(toRow), "The audit log has no such line."),
            ...(next === null ? [] : [`There are more: --from ${next}`]),
          ].join("\n"),
        );
      }),
    );
}

function toRow({ at, by, address, action, subject, before, after }: ShownAuditLine): Record<string, unknown> {
  return {
    at,
    by: `${by.name} (${by.kind})`,
    from: address,
    action,
    subject: `${subject.type} ${subject.id ?? ""}`,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
  };
}
