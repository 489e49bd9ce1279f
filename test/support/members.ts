// People for tests: the first administrator, and whoever is invited, each with a browser.
import { makeFirstAdminLink } from "../../src/access/join.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import type { TestApp } from "./test-app.ts";
import { createVisitor, tokenOf, type Visitor } from "./visitor.ts";

export const goodPassword = "four words nobody guesses";

export type Person = Visitor & { email: string };

export async function createFirstAdmin(
  plumbline: { url: string; database: { pool: DatabasePool } },
  email = "ada@acme.example",
): Promise<Person> {
  const link = await makeFirstAdminLink(plumbline.database.pool, { publicUrl: plumbline.url, now: new Date() });
  const visitor = createVisitor(plumbline.url);
  const answer = await visitor.submit("/setup", {
    token: tokenOf(link!.url),
    email,
    name: "Ada Lovelace",
    password: goodPassword,
  });
  if (answer.status !== 303)
    throw new Error(`The first administrator could not be made: ${answer.status} ${answer.text}`);
  return Object.assign(visitor, { email });
}

export async function createMember(
  plumbline: TestApp,
  by: Pick<Visitor, "call">,
  { email, role, workspaceId }: { email: string; role: string; workspaceId?: string },
): Promise<Person> {
  const headers = workspaceId === undefined ? {} : { "x-workspace": workspaceId };
  const invited = await by.call("POST", "/invitations", { email, role }, headers);
  const visitor = createVisitor(plumbline.url);
  const answer = await visitor.submit("/invitation", {
    token: tokenOf(invited.json.url),
    name: email.split("@")[0]!,
    password: goodPassword,
  });
  if (answer.status !== 303) throw new Error(`${email} could not be made a member: ${answer.status} ${answer.text}`);
  return Object.assign(visitor, { email });
}
