// What a start says to the person at the terminal: where things are, and what to do first.
import { listApiKeys } from "../access/api-keys-table.ts";
import { makeFirstAdminLink } from "../access/join.ts";
import type { App } from "../app.ts";
import { type Config, defaultDataDir, type Role } from "../platform/config.ts";
import { listConnections } from "../settings/connection-queries.ts";
import { createConnection } from "../settings/connections.ts";

/** `isQuiet`: what a first start makes is made, and nothing is said. */
export async function introduce(start: {
  app: App;
  config: Config;
  roles: readonly Role[];
  isQuiet: boolean;
}): Promise<void> {
  const { app, config, roles, isQuiet } = start;
  const lines = [describeAddress(app.address && config.publicUrl, roles)];
  if (roles.includes("door")) lines.push(...(await describeConnections(app, config)));
  if (roles.includes("web")) {
    lines.push(...(await describeFirstSignIn(app, config)));
    lines.push(...(await describeKeys(app, config)));
  }
  if (!isQuiet) process.stdout.write(`${lines.join("\n")}\n`);
}

function describeAddress(publicUrl: string | undefined, roles: readonly Role[]): string {
  if (publicUrl === undefined) return `Plumbline is ready: ${roles.join(", ")}`;
  return roles.includes("web")
    ? `Plumbline is ready: ${publicUrl}/ (API: ${publicUrl}/api/v1, its document: ${publicUrl}/api/v1/openapi.json)`
    : `Plumbline is ready: it takes in webhooks at ${publicUrl}`;
}

/** On the very first start a connection is made, so that there is an address to send to. */
async function describeConnections(app: App, config: Config): Promise<string[]> {
  const connections = await listConnections(app.database.pool);
  if (connections.length > 0) {
    const count = connections.length === 1 ? "1 connection" : `${connections.length} connections`;
    return [
      `${count} to Pendo; \`${spell(config, "connection list")}\` shows them, \`connection rotate <id>\` makes a new address.`,
    ];
  }
  const { publicUrl } = config;
  const author = { by: "system", address: null } as const;
  const settings = {
    database: app.database.pool,
    secretBox: app.secretBox,
    publicUrl,
    clock: () => new Date(),
    author,
  };
  const { url } = await createConnection(settings, { name: "Pendo" });
  return [`First webhook address: ${url}`, "", "Send a first event:", `  ${describeFirstEvent(url, new Date())}`];
}

function describeFirstEvent(url: string, now: Date): string {
  const body = JSON.stringify({
    event: "trackEventReceived",
    uniqueId: "my-first-event",
    visitorId: "ada",
    accountId: "acme",
    timestamp: Math.floor(now.getTime() / 1000),
    properties: { name: "Signed In", eventProperties: { plan: "trial" } },
  });
  return `curl -H 'Content-Type: application/json' -d '${body}' ${url}`;
}

/** As long as there is nobody, every start makes a new link. */
async function describeFirstSignIn(app: App, { publicUrl }: Config): Promise<string[]> {
  const link = await makeFirstAdminLink(app.database.pool, { publicUrl, now: new Date() });
  if (!link) return [`Sign in at ${publicUrl}/`];
  return ["", "Become the first administrator: open this link in a browser, within a day:", `  ${link.url}`];
}

async function describeKeys(app: App, config: Config): Promise<string[]> {
  if ((await listApiKeys(app.database.pool)).some((key) => key.revokedAt === null)) return [];
  return [
    "",
    `The API wants a key; make one in another terminal${config.databaseUrl ? ", with the same DATABASE_URL" : ""}:`,
    `  ${spell(config, 'api-key create --name "My key"')}`,
    `  curl -H "Authorization: Bearer <key>" ${config.publicUrl}/api/v1/events`,
  ];
}

/** A command as it is typed to work on the same data. */
function spell(config: Config, command: string): string {
  const dataDir = config.dataDir === defaultDataDir() ? "" : `DATA_DIR=${quote(config.dataDir)} `;
  return `${dataDir}npm run -s plumbline -- ${command}`;
}

function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
