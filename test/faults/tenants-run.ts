// Two workspaces side by side in one Plumbline, with the same external IDs, and a mark of its own in each text of each. Everything
// that people and programs do is done in both, in random order and several at a time. What one is answered, exports, or what the
// log says must never have the other's mark, nor any id of the other's.
import { createRandom, type Random } from "../../simulator/random.ts";
import { createApiKey } from "../../src/access/api-keys-table.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { listOwnRoutes } from "../strangers/list-routes.ts";
import { readContents } from "../strangers/read-contents.ts";
import { createWorkspace } from "../support/inbox.ts";
import { createHome, startPlumbline } from "../support/plumbline-process.ts";
import { sendDelivery } from "../support/sender.ts";
import { checkLedger } from "./support/finish-run.ts";
import { connectDirectly } from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";
import { createTenant, operations, type Tenant } from "./support/tenant.ts";
import { awaitWorkedOff } from "./support/two-doors.ts";

export type TenantsOptions = { operations: number; seed: string };
export type TenantsResult = {
  problems: string[];
  /** Answers that were looked through. */
  answers: number;
  /** How often each kind of operation went well. */
  done: Record<string, number>;
};

const atATime = 4;

export async function runTenants(options: TenantsOptions, say: Say): Promise<TenantsResult> {
  const home = createHome({ LOG_LEVEL: "debug" });
  const plumbline = await startPlumbline(home);
  const db = connectDirectly(home.dataDir);
  try {
    await say.database(db);
    const marks = ["quetzal", "wombat"] as const;
    const tenants = await Promise.all(marks.map((mark, place) => open(db, plumbline.url, mark, marks[1 - place]!)));
    const lists = await listLists(plumbline.url);
    const random = createRandom("tenants", options.seed);
    let left = options.operations;
    const work = async () => {
      for (; left > 0; left -= 1) {
        const tenant = random.pick(tenants);
        await operate(tenant, random);
        if (random.chance(0.3)) await tenant.read(random.pick(lists));
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
    await awaitWorkedOff(db);
    await awaitImports(db);
    say.progress(`${options.operations} operations`);
    for (const tenant of tenants) for (const list of lists) await tenant.read(list);
    const problems = [
      ...tenants.flatMap((tenant) => tenant.problems),
      ...(await findForeignIds(db, tenants)),
      ...findMarks(plumbline.output(), tenants),
      ...(await checkLedgers(tenants)),
    ];
    const done: Record<string, number> = {};
    for (const { counts } of tenants)
      for (const [name, count] of Object.entries(counts)) done[name] = (done[name] ?? 0) + count;
    for (const name of Object.keys(operations)) if (!done[name]) problems.push(`${name}: it never went well`);
    const answers = tenants.reduce((sum, tenant) => sum + tenant.answers, 0);
    say.line(
      `${options.operations} operations of ${Object.keys(operations).length} kinds, ${atATime} at a time; ${answers} answers and ${plumbline.output().split("\n").length} log lines looked through`,
    );
    say.line(
      `went well: ${Object.entries(done)
        .map(([name, count]) => `${name} ${count}`)
        .join(", ")}`,
    );
    return { problems, answers, done };
  } finally {
    await db.end();
    await plumbline.stop();
    home.remove();
  }
}

async function open(db: DatabasePool, url: string, mark: string, otherMark: string): Promise<Tenant> {
  const workspaceId = await createWorkspace(db);
  await db.query("update workspaces set name = $2, hierarchy = true where workspace_id = $1", [
    workspaceId,
    `${mark} workspace`,
  ]);
  const createKey = async () =>
    (await createApiKey(db, workspaceId, `${mark} key`, new Date(), { scopes: ["read", "write", "admin"] })).key;
  return createTenant({ url, workspaceId, mark, otherMark, key: await createKey(), createKey, send: sendDelivery });
}

async function operate(tenant: Tenant, random: Random): Promise<void> {
  const [name, run] = random.pick(Object.entries(operations));
  if (await run(tenant, random)) tenant.counts[name] = (tenant.counts[name] ?? 0) + 1;
}

async function awaitImports(db: DatabasePool): Promise<void> {
  const until = performance.now() + 120_000;
  for (;;) {
    const { rows } = await db.query("select count(*) as n from imports where state = 'running'");
    if (rows[0].n === 0) return;
    if (performance.now() > until) throw new Error(`${rows[0].n} imports still run.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Everything that can be read without an id: lists, exports, settings, sums. */
async function listLists(url: string): Promise<string[]> {
  const routes = await listOwnRoutes(url);
  const own = routes
    // A key has no sessions.
    .filter(({ method, path }) => method === "GET" && !path.includes("{") && !path.endsWith("/sessions"))
    .map(({ path }) => path);
  const others = ["organizations", "accounts", "users", "npsResponses", "customFields?model=users"];
  // Both workspaces have accounts that begin like this.
  const needed: Record<string, string> = { traits: "?level=user", search: "?q=account" };
  return [
    ...own.map((path) => `${path}${needed[path.slice(path.lastIndexOf("/") + 1)] ?? ""}`),
    ...others.map((path) => `/resources/${path}`),
  ];
}

/** Ids are told in answers only to those whose they are. */
async function findForeignIds(db: DatabasePool, tenants: readonly Tenant[]): Promise<string[]> {
  const problems: string[] = [];
  for (const [place, tenant] of tenants.entries()) {
    const other = tenants[1 - place]!;
    const { ids } = await readContents(db, { ...other, notOf: tenant.workspaceId });
    const told = ids.filter((id) => tenant.idsSeen.has(id));
    problems.push(...told.map((id) => `${tenant.mark} was told of ${id}, which is ${other.mark}'s`));
  }
  return problems;
}

/** The log says what happened, and nothing of what was in it: neither's mark is in it. */
function findMarks(log: string, tenants: readonly Tenant[]): string[] {
  return tenants.flatMap(({ mark }) =>
    log
      .split("\n")
      .filter((line) => line.includes(mark))
      .map((line) => `the log has ${mark}: ${line.slice(0, 300)}`),
  );
}

async function checkLedgers(tenants: readonly Tenant[]): Promise<string[]> {
  const problems: string[] = [];
  for (const tenant of tenants) {
    const ledger = await tenant.readLedger();
    if (!(ledger.received > 0)) problems.push(`${tenant.mark}: nothing was received`);
    // What is parked, held or failed is so because of settings; nothing may be lost or wait.
    problems.push(
      ...checkLedger({ ...ledger, parked: 0, failed: 0, refused: 0 }).map((line) => `${tenant.mark}: ${line}`),
    );
  }
  return problems;
}
