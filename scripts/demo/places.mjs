// Where the demo lies and listens.
import { resolve } from "node:path";
import { root } from "../build.mjs";

/** Always a folder of this name, for it is deleted whole; DEMO_DIR says where it lies when not in this checkout. */
export const dataDir = resolve(process.env.DEMO_DIR?.trim() || root, "data-demo");

const host = process.env.HOST?.trim() || "127.0.0.1";
const port = process.env.PORT?.trim() || "4000";

/** Who listens on all addresses of the machine is reached by the local one. */
const reachable = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };
export const address = `http://${reachable[/** @type {keyof typeof reachable} */ (host)] ?? (host.includes(":") ? `[${host}]` : host)}:${port}`;

const leftOut = new Set([
  "API_REQUESTS_PER_MINUTE",
  "DATABASE_URL",
  "IMPORT_MAX_MB",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "OIDC_ISSUER",
  "OUTGOING_ALLOW",
  "PENDO_API_BASE_URL",
  "PLUMBLINE_SECRET_KEY",
  "PUBLIC_URL",
  "RAW_BODY_DAYS",
  "TRUST_PROXY",
]);

/** The demo never touches what the user has set up: only where it listens and what it logs is taken over. */
export const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !leftOut.has(name))),
  DATA_DIR: dataDir,
  LOG_LEVEL: process.env.LOG_LEVEL?.trim() || "warn",
};

/** From now on, programs ask this Pendo. @param {string} url */
export function usePendo(url) {
  Object.assign(environment, { PENDO_API_BASE_URL: url });
}
