// What signing in works with: one of these for the process. The database is the whole one: people are looked up before any
// workspace is known, and every statement of these files names its workspace itself.
import type { OidcConfig } from "../platform/config.ts";
import type { Database } from "../platform/database/pool.ts";
import type { Log } from "../platform/log.ts";
import { type Attempts, createAttempts } from "./attempts.ts";
import { createPasswords, type Passwords } from "./passwords.ts";
import { createSessionCookie, type SessionCookie } from "./session-cookie.ts";

export type Access = {
  database: Database;
  clock: () => Date;
  log: Log;
  publicUrl: string;
  passwords: Passwords;
  attempts: Attempts;
  cookie: SessionCookie;
  oidc: OidcConfig | undefined;
};

export function createAccess(options: Pick<Access, "database" | "clock" | "log" | "publicUrl" | "oidc">): Access {
  return {
    ...options,
    passwords: createPasswords(),
    attempts: createAttempts(options.clock),
    cookie: createSessionCookie(options.publicUrl),
  };
}

/** Where a browser is, as far as the request tells. */
export type Visit = { address: string; userAgent: string | undefined };
