import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

test("nothing needs to be set", () => {
  expect(readConfig({})).toEqual({
    host: "127.0.0.1",
    port: 4000,
    dataDir: resolve("data"),
    databaseUrl: undefined,
    secretKeys: [],
    logFormat: process.stdout.isTTY ? "pretty" : "json",
    logLevel: "info",
    publicUrl: "http://127.0.0.1:4000",
    trustedProxies: [],
    rawBodyDays: 30,
    importMostBytes: 100_000_000,
    apiRequestsPerMinute: 6_000,
    pendoApiBaseUrl: undefined,
    outgoingAllow: { networks: [], names: [] },
    oidc: undefined,
  });
});

test("what is empty or blank counts as not set, and space around a value is no part of it", () => {
  const names = ["HOST", "PORT", "DATA_DIR", "DATABASE_URL", "PLUMBLINE_SECRET_KEY", "LOG_FORMAT", "LOG_LEVEL"];
  const blank = Object.fromEntries(
    [...names, "PUBLIC_URL", "RAW_BODY_DAYS", "PENDO_API_BASE_URL", "OUTGOING_ALLOW"].map((name) => [name, "  "]),
  );
  expect(readConfig(blank)).toEqual(readConfig({}));
  expect(readConfig({ PORT: " 5000 ", LOG_LEVEL: " warn\n" })).toMatchObject({ port: 5000, logLevel: "warn" });
});

test("every variable is read", () => {
  const key = randomBytes(32);
  expect(
    readConfig({
      HOST: "10.0.0.5",
      PORT: "65535",
      DATA_DIR: "/var/lib/plumbline",
      DATABASE_URL: "postgresql://me:p%40ss@db.example:5432/plumbline?sslmode=require",
      PLUMBLINE_SECRET_KEY: key.toString("hex"),
      LOG_FORMAT: "pretty",
      LOG_LEVEL: "silent",
      PUBLIC_URL: "https://plumbline.example/here//",
      TRUST_PROXY: "127.0.0.1, fd00::/8,",
      RAW_BODY_DAYS: "3650",
      PENDO_API_BASE_URL: "http://127.0.0.1:4100/api/v1/",
      OUTGOING_ALLOW: "10.0.0.0/8, crm.internal",
      OIDC_ISSUER: "https://login.example/realm",
      OIDC_CLIENT_ID: "plumbline",
      OIDC_CLIENT_SECRET: "s3cret",
    }),
  ).toEqual({
    host: "10.0.0.5",
    port: 65_535,
    dataDir: "/var/lib/plumbline",
    databaseUrl: "postgresql://me:p%40ss@db.example:5432/plumbline?sslmode=require",
    secretKeys: [key],
    logFormat: "pretty",
    logLevel: "silent",
    publicUrl: "https://plumbline.example/here",
    trustedProxies: [
      { bits: 32, value: 0x7f000001n, prefix: 32 },
      { bits: 128, value: 0xfdn << 120n, prefix: 8 },
    ],
    rawBodyDays: 3650,
    importMostBytes: 100_000_000,
    apiRequestsPerMinute: 6_000,
    pendoApiBaseUrl: "http://127.0.0.1:4100",
    outgoingAllow: { networks: [{ bits: 32, value: 0x0a000000n, prefix: 8 }], names: ["crm.internal"] },
    oidc: { issuer: "https://login.example/realm", clientId: "plumbline", clientSecret: "s3cret" },
  });
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:4000"],
  ["0.0.0.0", "http://127.0.0.1:4000"],
  ["::", "http://[::1]:4000"],
  ["fd00::7", "http://[fd00::7]:4000"],
  ["plumbline.internal", "http://plumbline.internal:4000"],
])("HOST=%s is reached by %s", (host, url) => {
  expect(readConfig({ HOST: host }).publicUrl).toBe(url);
});

test("all problems are told at once, each with its variable and what it must be", () => {
  const problems = problemsOf({
    PORT: "http",
    DATABASE_URL: "mysql://root:hunter2@localhost/x",
    PLUMBLINE_SECRET_KEY: "hunter2",
    LOG_FORMAT: "xml",
    LOG_LEVEL: "loud",
    PUBLIC_URL: "plumbline.example",
    RAW_BODY_DAYS: "-1",
    PENDO_API_BASE_URL: "http://me:hunter2@127.0.0.1:4100",
    OUTGOING_ALLOW: "10.0.0.0/33,crm.internal,169.254.169.254",
  });
  expect(problems).toHaveLength(10);
  expect(problems.map((problem) => /^[A-Z_]+/.exec(problem)?.[0])).toEqual([
    "PORT",
    "DATABASE_URL",
    "PLUMBLINE_SECRET_KEY",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "PUBLIC_URL",
    "RAW_BODY_DAYS",
    "PENDO_API_BASE_URL",
    "OUTGOING_ALLOW",
    "OUTGOING_ALLOW",
  ]);
  const message = new ConfigError(problems).message;
  expect(message).toContain("10 problems");
  for (const problem of problems) expect(message).toContain(problem);
  expect(message).not.toContain("hunter2");
  expect(new ConfigError(["PORT …"]).message).toContain("has a problem");
});

test.each([
  ["PORT", "-1"],
  ["PORT", "65536"],
  ["PORT", "80.5"],
  ["PORT", "0x50"],
  ["PORT", "4e3"],
  ["PORT", "４０００"],
  ["RAW_BODY_DAYS", "0"],
  ["RAW_BODY_DAYS", "3651"],
  ["RAW_BODY_DAYS", "Infinity"],
  ["LOG_LEVEL", "WARN"],
  ["LOG_FORMAT", "JSON"],
  ["DATABASE_URL", "localhost:5432/plumbline"],
  ["DATABASE_URL", "not an address"],
  ["PUBLIC_URL", "ftp://plumbline.example"],
  ["PUBLIC_URL", "https://"],
  ["PUBLIC_URL", "https://plumbline.example/?x=1"],
  ["PUBLIC_URL", "https://plumbline.example/#x"],
  ["PENDO_API_BASE_URL", "app.pendo.io"],
  ["PENDO_API_BASE_URL", "file:///etc/passwd"],
  ["PENDO_API_BASE_URL", "http://127.0.0.1:4100/?x=1"],
])("%s=%s is one problem", (name, value) => {
  expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
});

// Bytes whose base64 has both characters that the two alphabets write differently.
const key = Buffer.concat([Buffer.from([0xfb, 0xff, 0xbf]), randomBytes(29)]);

test.each([
  ["64 hex digits", key.toString("hex")],
  ["64 hex digits in capitals", key.toString("hex").toUpperCase()],
  ["base64", key.toString("base64")],
  ["base64 without its =", key.toString("base64").replace("=", "")],
  ["base64 for addresses", key.toString("base64url")],
])("a key as %s is taken", (_name, text) => {
  expect(readConfig({ PLUMBLINE_SECRET_KEY: text }).secretKeys).toEqual([key]);
});

test("several keys keep their order, whatever they are written as", () => {
  const older = randomBytes(32);
  const text = `${key.toString("base64")}, ${older.toString("hex")}`;
  expect(readConfig({ PLUMBLINE_SECRET_KEY: text }).secretKeys).toEqual([key, older]);
});

test.each([
  ["63 hex digits", key.toString("hex").slice(1)],
  ["66 hex digits", `${key.toString("hex")}00`],
  ["31 bytes", key.subarray(1).toString("base64")],
  ["33 bytes", Buffer.concat([key, Buffer.from([1])]).toString("base64")],
  ["a space in it", key.toString("base64").replace(/.{20}/, "$& ")],
  ["a character that is none of base64's", key.toString("base64").replace(/.{20}/, "$&!")],
  ["quotes around it", `"${key.toString("base64")}"`],
  ["nothing behind a comma", `${key.toString("hex")},`],
  ["a second one that is too short", `${key.toString("hex")},${key.toString("hex").slice(1)}`],
  ["a passphrase", "correct horse battery staple correct horse battery"],
])("a key with %s is a problem, and is not shown", (_name, text) => {
  const problems = problemsOf({ PLUMBLINE_SECRET_KEY: text });
  expect(problems).toEqual([expect.stringContaining("openssl rand -hex 32")]);
  expect(problems[0]).not.toContain(text);
});

test.each([
  [{ OIDC_ISSUER: "https://login.example", OIDC_CLIENT_ID: "plumbline" }, "together"],
  [{ OIDC_CLIENT_SECRET: "s3cret" }, "together"],
  [{ OIDC_ISSUER: "http://login.example", OIDC_CLIENT_ID: "plumbline", OIDC_CLIENT_SECRET: "s3cret" }, "https://"],
  [{ OIDC_ISSUER: "https://login.example/?x", OIDC_CLIENT_ID: "plumbline", OIDC_CLIENT_SECRET: "s3cret" }, "no ?"],
])("an issuer of OpenID Connect is named whole, three or none, and over HTTPS: %j", (env, says) => {
  expect(problemsOf(env)).toEqual([expect.stringContaining(says)]);
});

test("an issuer on this machine may speak plain HTTP", () => {
  const env = { OIDC_ISSUER: "http://127.0.0.1:9000", OIDC_CLIENT_ID: "plumbline", OIDC_CLIENT_SECRET: "s3cret" };
  expect(readConfig(env).oidc?.issuer).toBe("http://127.0.0.1:9000");
});
