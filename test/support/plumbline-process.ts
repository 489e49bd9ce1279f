// Plumbline as its users run it: a process of its own, in a folder of its own.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/platform/package-root.ts";

export type Ledger = Record<
  | "received"
  | "recorded"
  | "duplicate"
  | "filtered"
  | "held"
  | "parked"
  | "failed"
  | "waiting"
  | "refused"
  | "difference",
  number
>;

export type Home = { dataDir: string; environment: Record<string, string>; remove: () => void };

/** A folder for one Plumbline, below the system's temporary folder. */
export function createHome(environment: Record<string, string> = {}): Home {
  const dataDir = createOpenFolder();
  return {
    dataDir,
    environment: {
      ...cleanEnvironment(),
      DATA_DIR: dataDir,
      LOG_FORMAT: "json",
      // Tests and benches ask more than anybody.
      API_REQUESTS_PER_MINUTE: "1000000",
      ...environment,
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** A new folder that other users may enter: started by root, the server runs as another user. */
export function createOpenFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** The environment without what would change how Plumbline runs. */
export function cleanEnvironment(): Record<string, string> {
  const ours = [
    "HOST",
    "PORT",
    "DATA_DIR",
    "DATABASE_URL",
    "PLUMBLINE_SECRET_KEY",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "PUBLIC_URL",
    "RAW_BODY_DAYS",
    "PENDO_API_BASE_URL",
  ];
  return Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value !== undefined && !ours.includes(name)),
  ) as Record<string, string>;
}

/** Ports below the range that the system gives to outgoing connections. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

export type PlumblineProcess = {
  url: string;
  port: number;
  child: ChildProcess;
  /** Everything it wrote so far. */
  output: () => string;
  /** SIGTERM, and its exit code. */
  stop: () => Promise<number | null>;
  /** SIGKILL, and waits until it is gone. */
  kill: () => Promise<void>;
};

/** Starts `plumbline start` and waits until it says that it is ready. */
export async function startPlumbline(
  home: Home,
  options: {
    roles?: string;
    port?: number;
    nodeArguments?: string[];
    /** Told at once, so that it can be killed while it starts. */
    onSpawn?: (child: ChildProcess) => void;
  } = {},
): Promise<PlumblineProcess> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeArguments ?? []),
      join(packageRoot, "bin/plumbline.mjs"),
      "start",
      ...(options.roles ? [`--roles=${options.roles}`] : []),
    ],
    {
      env: { ...home.environment, PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  options.onSpawn?.(child);
  // A program that fails must not leave this one behind; its watchdog then ends the database.
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  let output = "";
  const exited = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => {
      process.off("exit", killWithUs);
      resolve(code);
    }),
  );
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString("utf8");
      if (output.includes("Plumbline is ready")) resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`Plumbline ended with ${code} before it was ready:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    child,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      return exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Runs a command of the command line; rejects with what it said when it fails. */
export function runCommand(home: Home, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(packageRoot, "bin/plumbline.mjs"), ...words],
      { env: home.environment, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`plumbline ${words.join(" ")} failed: ${stderr || error.message}`));
        else resolve(stdout);
      },
    );
  });
}

export async function runJsonCommand<T>(home: Home, ...words: string[]): Promise<T> {
  return JSON.parse(await runCommand(home, ...words, "--json")) as T;
}

export type TestConnection = { id: string; workspaceId: string; path: string; secret: string | null };

/** A connection, with its address as a path, so that it can be reached through any port. */
export async function createTestConnection(home: Home, secret?: string): Promise<TestConnection> {
  const created = await runJsonCommand<{ id: string; workspaceId: string; url: string; secret: string | null }>(
    home,
    "connection",
    "create",
    "--name",
    "Test",
    ...(secret ? ["--secret", secret] : []),
  );
  return { ...created, path: new URL(created.url).pathname };
}

/** A connection of the Analytics API. */
export function createTestClient(home: Home): Promise<{ id: string; token: string }> {
  return runJsonCommand(home, "connection", "create", "--name", "Client", "--kind", "analytics");
}

export const readLedgerOf = (home: Home) => runJsonCommand<Ledger>(home, "ledger");

/** Waits until nothing waits any more. Fails when that takes longer than `mostMs`. */
export async function settle(home: Home, mostMs = 60_000): Promise<Ledger> {
  const until = Date.now() + mostMs;
  for (;;) {
    const ledger = await readLedgerOf(home);
    if (ledger.waiting === 0) return ledger;
    if (Date.now() > until) throw new Error(`After ${mostMs} ms ${ledger.waiting} deliveries still wait.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export type Api = <T = { items: Record<string, unknown>[]; next: string | null }>(path: string) => Promise<T>;

/** Reads the API with a key of its own. */
export async function createApi(home: Home, url: string): Promise<Api> {
  const { key } = await runJsonCommand<{ key: string }>(home, "api-key", "create", "--name", "test");
  return async (path) => {
    const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return response.json() as never;
  };
}

/** All rows of a list, page by page. */
export async function readAll(api: Api, path: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let from = "";
  for (;;) {
    const page = await api(`${path}${path.includes("?") ? "&" : "?"}limit=500${from}`);
    rows.push(...page.items);
    if (page.next === null) return rows;
    from = `&from=${encodeURIComponent(page.next)}`;
  }
}
