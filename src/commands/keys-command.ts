import type { Command } from "commander";
import { createSecretBox } from "../platform/secret-box.ts";
import { type Rotation, rotateMasterKey } from "../settings/rotate-master-key.ts";
import { countSecretsByKey } from "../settings/stored-key-queries.ts";
import { commandLine, formatTable, print, withDatabase } from "./command.ts";

export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("the master keys that stored secrets are sealed with");
  addListCommand(keys);
  addRotateCommand(keys);
}

function addListCommand(keys: Command): void {
  keys
    .command("list")
    .description("list the keys by name, and how many secrets each has sealed; no key is shown")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database, masterKeys }) => {
        const counts = await countSecretsByKey(database.pool);
        const [first, ...older] = createSecretBox(masterKeys()).keyIds();
        const unknown = [...counts.keys()].filter((keyId) => keyId !== first && !older.includes(keyId));
        const rows = [
          { keyId: first!, use: "seals and opens" },
          ...older.map((keyId) => ({ keyId, use: "opens" })),
          ...unknown.map((keyId) => ({ keyId, use: "is not known here" })),
        ].map(({ keyId, use }) => ({ keyId, use, secrets: counts.get(keyId) ?? 0 }));
        print(rows, options, (all) => formatTable(all, ""));
      }),
    );
}

function addRotateCommand(keys: Command): void {
  keys
    .command("rotate")
    .description("put a new master key in front and seal every stored secret with it, while Plumbline runs")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
With the key in the file secret-key of DATA_DIR (nothing else set), this makes a new key, writes it as the file's first
line, and seals everything with it in one transaction. Running processes find it there by themselves. The old keys stay
in the lines below: they open backups from before. When no such backup is needed any more, take those lines out.

With PLUMBLINE_SECRET_KEY (needed with several machines), in this order:
  1. put a new key in front, everywhere: PLUMBLINE_SECRET_KEY=<new>,<old> (\`openssl rand -hex 32\` makes one)
  2. restart every Plumbline; set no secrets until all are restarted
  3. plumbline keys rotate, with the same variable
  4. when no backup from before is needed any more: take the old key out of the variable

It can be interrupted at any moment and run again. \`plumbline keys list\` shows what is sealed with which key.`,
    )
    .action((options) =>
      withDatabase(async ({ database, masterKeys }) => {
        const ring = masterKeys();
        const rotation = await rotateMasterKey({
          database: database.pool,
          secretBox: createSecretBox(ring),
          addKey: ring.addKey,
          author: commandLine,
          clock: () => new Date(),
        });
        print(rotation, options, describeRotation);
      }),
    );
}

function describeRotation({ keyId, isNew, webhookSecrets, integrationKeys, addresses, left }: Rotation): string {
  const resealed = `${webhookSecrets} webhook secrets, ${integrationKeys} integration keys and ${addresses} addresses`;
  return [
    isNew
      ? `Made the key ${keyId} and sealed ${resealed} with it.`
      : `Sealed ${resealed} that older keys had sealed with the key ${keyId}. No new key was made.`,
    ...Object.entries(left).map(
      ([key, count]) => `${count} secrets sealed with key ${key} do not open; they are as they were.`,
    ),
    ...(isNew ? ["Keep a copy of the file secret-key; backups from before open only with the older keys in it."] : []),
  ].join("\n");
}
