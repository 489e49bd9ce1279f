// The only reader of the environment. Every problem is collected and told at once, in plain words.
import { resolve } from "node:path";
import { type AllowList, parseAllowList } from "./outgoing/allow-list.ts";
import { type Network, parseNetwork } from "./outgoing/ip-address.ts";

export type Role = "door" | "worker" | "web" | "scheduler";
export const allRoles: readonly Role[] = ["door", "worker", "web", "scheduler"];

export type Config = {
  host: string;
  port: number;
  /** Absolute path of the folder that holds the embedded database and the generated key. */
  dataDir: string;
  /** Undefined: the embedded PostgreSQL in dataDir is used. */
  databaseUrl: string | undefined;
  /** Of 32 bytes each; the first one seals, all open. None: those of the file in dataDir, where one is made and announced. */
  secretKeys: readonly Buffer[];
  logFormat: "json" | "pretty";
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** What people and Pendo reach this server by, without a slash at the end. */
  publicUrl: string;
  /** Where the proxies stand that are believed when they say whom they pass a request on for. */
  trustedProxies: readonly Network[];
  /** Days after which raw bodies of settled deliveries are deleted. */
  rawBodyDays: number;
  /** Of a CSV file that is imported over HTTP. */
  importMostBytes: number;
  /** Requests to the API that a key or person may make in a minute. */
  apiRequestsPerMinute: number;
  /** For tests and the demo: asked instead of Pendo's own hosts. */
  pendoApiBaseUrl: string | undefined;
  /** Where requests to addresses that people typed may lead although it is not public. */
  outgoingAllow: AllowList;
  /** Where people may sign in besides with a password; undefined: nowhere. */
  oidc: OidcConfig | undefined;
};

/** An issuer of OpenID Connect, and who Plumbline is there. */
export type OidcConfig = { issuer: string; clientId: string; clientSecret: string };

export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join("\n")}`,
    );
    this.name = "ConfigError";
  }
}

/** Where the data lies unless DATA_DIR says something else: beside the place one starts from. */
export const defaultDataDir = () => resolve("data");

type Environment = Record<string, string | undefined>;

/** Reads the whole configuration. Throws one ConfigError that names every problem. */
export function readConfig(env: Environment = process.env): Config {
  const problems: string[] = [];
  const host = readText(env, "HOST") ?? "127.0.0.1";
  const port = readWholeNumber(env, "PORT", { fallback: 4000, least: 1, most: 65_535 }, problems);
  const config: Config = {
    host,
    port,
    dataDir: resolve(readText(env, "DATA_DIR") ?? defaultDataDir()),
    databaseUrl: readDatabaseUrl(env, problems),
    secretKeys: readSecretKeys(env, problems),
    logFormat: readChoice(env, "LOG_FORMAT", ["json", "pretty"], process.stdout.isTTY ? "pretty" : "json", problems),
    logLevel: readChoice(env, "LOG_LEVEL", ["debug", "info", "warn", "error", "silent"], "info", problems),
    publicUrl: readPublicUrl(env, `http://${readReachableHost(host)}:${port}`, problems),
    trustedProxies: readTrustedProxies(env, problems),
    rawBodyDays: readWholeNumber(env, "RAW_BODY_DAYS", { fallback: 30, least: 1, most: 3650 }, problems),
    importMostBytes:
      readWholeNumber(env, "IMPORT_MAX_MB", { fallback: 100, least: 1, most: 10_000 }, problems) * 1_000_000,
    apiRequestsPerMinute: readWholeNumber(
      env,
      "API_REQUESTS_PER_MINUTE",
      { fallback: 6_000, least: 1, most: 1_000_000 },
      problems,
    ),
    pendoApiBaseUrl: readPendoApiBaseUrl(env, problems),
    outgoingAllow: readAllowList(env, problems),
    oidc: readOidc(env, problems),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readText(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

function readWholeNumber(
  env: Environment,
  name: string,
  range: { fallback: number; least: number; most: number },
  problems: string[],
): number {
  const text = readText(env, name);
  if (text === undefined) return range.fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.least && value <= range.most) return value;
  problems.push(`${name} is "${text}"; it must be a whole number from ${range.least} to ${range.most}.`);
  return range.fallback;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  choices: readonly T[],
  fallback: T,
  problems: string[],
): T {
  const text = readText(env, name);
  if (text === undefined) return fallback;
  const found = choices.find((choice) => choice === text);
  if (found) return found;
  problems.push(`${name} is "${text}"; it must be one of ${choices.join(", ")}.`);
  return fallback;
}

function readDatabaseUrl(env: Environment, problems: string[]): string | undefined {
  const text = readText(env, "DATABASE_URL");
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    problems.push(
      "DATABASE_URL is not an address of PostgreSQL; it looks like postgres://user:password@host:5432/database.",
    );
  }
  return text;
}

function readSecretKeys(env: Environment, problems: string[]): Buffer[] {
  const text = readText(env, "PLUMBLINE_SECRET_KEY");
  if (text === undefined) return [];
  const keys = text.split(",").map((part) => parseSecretKey(part.trim()));
  const read = keys.filter((key) => key !== undefined);
  if (read.length < keys.length) {
    problems.push(
      "PLUMBLINE_SECRET_KEY must be 32 random bytes as 64 hex digits or as base64 (or several such keys with commas, of which the first one seals); `openssl rand -hex 32` makes one.",
    );
  }
  return read;
}

function parseSecretKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  // 32 bytes are 43 characters. Anything else in them is a slip of the hand, and would be skipped into another key.
  if (/^[0-9a-z+/_-]{43}=?$/i.test(text)) return Buffer.from(text, "base64");
  return undefined;
}

/** Who listens on all addresses of the machine is reached by the local one. */
function readReachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function readPublicUrl(env: Environment, fallback: string, problems: string[]): string {
  const text = readText(env, "PUBLIC_URL");
  if (text === undefined) return fallback;
  if (/^https?:\/\/[^?#]+$/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  problems.push(`PUBLIC_URL is "${text}"; it must start with https:// or http:// and have no ? and no #.`);
  return fallback;
}

/** Whoever can reach Plumbline past a proxy could say to be anybody, so it is places that are believed, and never a number of them. */
function readTrustedProxies(env: Environment, problems: string[]): Network[] {
  const entries = (readText(env, "TRUST_PROXY") ?? "").split(",").map((part) => part.trim());
  return entries.flatMap((entry) => {
    if (entry === "") return [];
    const network = parseNetwork(entry);
    if (network && network.prefix > 0) return [network];
    problems.push(
      `TRUST_PROXY: "${entry}" is neither the address of a proxy, such as 127.0.0.1, nor a network of them, such as 10.0.0.0/8.`,
    );
    return [];
  });
}

/** Without a slash at the end, and without the API's path, which people copy with it. */
function readPendoApiBaseUrl(env: Environment, problems: string[]): string | undefined {
  const text = readText(env, "PENDO_API_BASE_URL");
  if (text === undefined) return undefined;
  if (/^https?:\/\/[^?#@]+$/i.test(text) && URL.canParse(text))
    return text.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
  // Not shown: there may be a password in it.
  problems.push("PENDO_API_BASE_URL must start with https:// or http:// and have no ?, # and @.");
  return undefined;
}

function readAllowList(env: Environment, problems: string[]): AllowList {
  const read = parseAllowList(readText(env, "OUTGOING_ALLOW") ?? "");
  problems.push(...read.problems.map((problem) => `OUTGOING_ALLOW: ${problem}`));
  return read.allowed;
}

/** All three or none. Plain HTTP only to this machine: what comes back says who somebody is. */
function readOidc(env: Environment, problems: string[]): OidcConfig | undefined {
  const [issuer, clientId, clientSecret] = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"].map((name) =>
    readText(env, name),
  );
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    problems.push("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together, or none of them.");
    return undefined;
  }
  if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$))[^?#@]*$/i.test(issuer) || !URL.canParse(issuer))
    problems.push(`OIDC_ISSUER is "${issuer}"; it must start with https:// and have no ?, # and @.`);
  return { issuer, clientId, clientSecret };
}
