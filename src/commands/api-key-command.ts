import type { Command } from "commander";
import { createApiKey, listApiKeys, revokeApiKey } from "../access/api-keys-table.ts";
import { parseIdOf, parseName } from "./arguments.ts";
import { findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

export function addApiKeyCommand(program: Command): void {
  const apiKey = program.command("api-key").description("keys for the API");

  apiKey
    .command("create")
    .description("make a key; it is shown here and never again")
    .requiredOption("--name <name>", "what it is for", parseName)
    .option("--workspace <id>", "the workspace it opens (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const created = await createApiKey(database.pool, workspaceId, options.name, new Date());
        print(
          created,
          options,
          ({ id, key }) =>
            `API key ${id}\n${key}\nKeep it: it is not shown again. Use it as Authorization: Bearer <key>.`,
        );
      }),
    );

  apiKey
    .command("list")
    .description("list the keys by their first characters")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) =>
        print(await listApiKeys(database.pool), options, (keys) =>
          formatTable(keys, "There are no API keys yet; `plumbline api-key create --name …` makes one."),
        ),
      ),
    );

  apiKey
    .command("revoke")
    .description("end a key: it opens nothing from now on")
    .argument("<id>", "the key's id", parseIdOf("an API key"))
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database }) => {
        if (!(await revokeApiKey(database.pool, id, new Date())))
          throw new Error(`There is no API key ${id} that could be revoked; \`plumbline api-key list\` shows them.`);
        print({ id, revoked: true }, options, () => `API key ${id} is revoked.`);
      }),
    );
}
