import { type Command, Option } from "commander";
import { endApiKey, makeApiKey } from "../access/api-keys.ts";
import { listApiKeys } from "../access/api-keys-table.ts";
import { allScopes, scopeMeanings } from "../access/scopes.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Scope } from "../platform/routes.ts";
import { parseIdOf, parseList, parseName } from "./arguments.ts";
import { commandLine, findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

export function addApiKeyCommand(program: Command): void {
  const apiKey = program.command("api-key").description("keys for the API");
  addCreateCommand(apiKey);
  addListCommand(apiKey);
  addRevokeCommand(apiKey);
}

function addCreateCommand(apiKey: Command): void {
  apiKey
    .command("create")
    .description("make a key; it is shown here and never again")
    .requiredOption("--name <name>", "what it is for", parseName)
    .addOption(
      new Option("--scopes <scopes>", "what it may do, with commas (see below)")
        .default(["read", "write"], "read,write")
        .argParser(parseScopes),
    )
    .option(
      "--expires <time>",
      "how long it is valid, such as 90d (h, d, w or y); without, until it is revoked",
      parseSpan,
    )
    .option("--workspace <id>", "the workspace it opens (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `\nScopes:\n${Object.entries(scopeMeanings)
        .map(([scope, meaning]) => `  ${scope.padEnd(8)}${meaning}`)
        .join("\n")}`,
    )
    .action(({ name, scopes, expires, workspace, ...options }) =>
      withDatabase(async ({ database }) => {
        const workspaceId = await findWorkspaceId(database.pool, workspace);
        const now = new Date();
        const expiresAt = expires === undefined ? null : new Date(now.getTime() + expires);
        const made = await inTransaction(database.pool, (tx) =>
          makeApiKey(tx, commandLine, { workspaceId, name, scopes, expiresAt }, now),
        );
        print(made, options, ({ id, key }) =>
          [
            `API key ${id}`,
            key,
            `It may ${scopes.join(", ")}${expiresAt ? ` until ${expiresAt.toISOString()}` : ""}.`,
            "Keep it: it is not shown again. Use it as Authorization: Bearer <key>.",
          ].join("\n"),
        );
      }),
    );
}

function addListCommand(apiKey: Command): void {
  apiKey
    .command("list")
    .description("list the keys by their first characters: what they may do, until when, and when they were last used")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) =>
        print(await listApiKeys(database.pool), options, (keys) =>
          formatTable(
            keys.map(({ id, name, prefix, scopes, state, expiresAt, lastUsedAt, createdAt }) => ({
              id,
              name,
              prefix,
              scopes,
              state,
              "expires at": expiresAt,
              "last used": lastUsedAt,
              created: createdAt,
            })),
            "There are no API keys yet; `plumbline api-key create --name …` makes one.",
          ),
        ),
      ),
    );
}

function addRevokeCommand(apiKey: Command): void {
  apiKey
    .command("revoke")
    .description("end a key: it opens nothing from now on")
    .argument("<id>", "the key's id", parseIdOf("an API key"))
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database }) => {
        const key = (await listApiKeys(database.pool)).find((one) => one.id === id);
        if (!key || key.state === "revoked")
          throw new Error(`There is no API key ${id} that could be revoked; \`plumbline api-key list\` shows them.`);
        await inTransaction(database.pool, (tx) => endApiKey(tx, commandLine, key, new Date()));
        print({ id, revoked: true }, options, () => `API key ${id} is revoked.`);
      }),
    );
}

function parseScopes(text: string): Scope[] {
  const scopes = [...new Set(parseList(text))];
  const unknown = scopes.filter((scope) => !allScopes.some((known) => known === scope));
  if (unknown.length > 0 || scopes.length === 0)
    throw new Error(`--scopes knows ${allScopes.join(", ")}, not ${JSON.stringify(unknown.join(",") || text)}.`);
  return allScopes.filter((scope) => scopes.includes(scope));
}

const hour = 60 * 60 * 1000;
const units: Record<string, number> = { h: hour, d: 24 * hour, w: 7 * 24 * hour, y: 365 * 24 * hour };

/** In milliseconds. */
function parseSpan(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([hdwy])$/.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined)
    throw new Error(`${JSON.stringify(text)} is no span of time; it looks like 12h, 90d, 4w or 1y.`);
  return Number(count) * units[unit]!;
}
