import { afterAll, beforeAll, expect, test } from "vitest";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor, tokenOf } from "../../test/support/visitor.ts";
import { commandLine } from "../commands/command.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { makePasswordLink } from "./change-password.ts";

let plumbline: TestApp;
let admin: Person;
const first = () => ({ "x-workspace": plumbline.workspaceId });
const idOf = async (person: Person) => (await person.call("GET", "/me")).json.id as string;

beforeAll(async () => {
  plumbline = await createTestApp();
  admin = await createFirstAdmin(plumbline);
});
afterAll(() => plumbline.stop());

test("an invitation is shown once, works once, is replaced by the next, and can be withdrawn", async () => {
  const invite = () => admin.call("POST", "/invitations", { email: " Bob@acme.example ", role: "viewer" });
  const first = await invite();
  expect([first.status, first.json]).toMatchObject([201, { email: "Bob@acme.example", role: "viewer", state: "open" }]);
  const second = await invite();
  const { items } = (await admin.call("GET", "/invitations")).json;
  expect(items).toHaveLength(1);
  expect(JSON.stringify(items)).not.toContain(tokenOf(second.json.url));

  const accept = (url: string) =>
    createVisitor(plumbline.url).submit("/invitation", { token: tokenOf(url), name: "Bob", password: goodPassword });
  expect((await accept(first.json.url)).status).toBe(410);
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => accept(second.json.url)));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect((await accept(second.json.url)).status).toBe(410);
  expect((await invite()).status).toBe(409);

  const third = await admin.call("POST", "/invitations", { email: "carl@acme.example", role: "member" });
  expect((await admin.call("DELETE", `/invitations/${third.json.id}`)).status).toBe(200);
  expect((await accept(third.json.url)).status).toBe(410);
  expect((await admin.call("DELETE", `/invitations/${third.json.id}`)).status).toBe(404);
  expect((await admin.call("POST", "/invitations", { email: "no address", role: "member" })).status).toBe(400);
});

test("the last administrator can neither be removed nor made less, also when two try at once to remove each other", async () => {
  const own = await idOf(admin);
  expect((await admin.call("PATCH", `/members/${own}`, { role: "viewer" })).status).toBe(409);
  expect((await admin.call("DELETE", `/members/${own}`)).status).toBe(409);
  for (let round = 0; round < 8; round += 1) {
    // From the first workspace: in that of the round before they may be less by now.
    const { json } = await admin.call("POST", "/workspaces", { name: `Round ${round}` }, first());
    const of = { "x-workspace": json.id };
    const eve = await createMember(plumbline, admin, {
      email: `eve${round}@acme.example`,
      role: "admin",
      workspaceId: json.id,
    });
    const ids = [await idOf(eve), own];
    const answers = await Promise.all([
      admin.call("DELETE", `/members/${ids[0]}`, undefined, of),
      round % 2 === 0
        ? eve.call("DELETE", `/members/${ids[1]}`, undefined, of)
        : eve.call("PATCH", `/members/${ids[1]}`, { role: "viewer" }, of),
    ]);
    const statuses = answers.map(({ status }) => status).sort();
    // The one who comes second is no member any more, or finds the other to be the last administrator.
    expect([round, statuses[0], statuses[1]! >= 401 && statuses[1]! < 500]).toEqual([round, 200, true]);
    const { rows } = await plumbline.database.pool.query(
      "select 1 from workspace_members where workspace_id = $1 and role = 'admin'",
      [json.id],
    );
    expect(rows).toHaveLength(1);
  }
});

test("whoever is removed sees nothing from that moment on: the workspace is gone from their session, the last one ends it", async () => {
  const two = (await admin.call("POST", "/workspaces", { name: "Two" }, first())).json.id;
  const dora = await createMember(plumbline, admin, {
    email: "dora@acme.example",
    role: "admin",
    workspaceId: plumbline.workspaceId,
  });
  const invited = await admin.call(
    "POST",
    "/invitations",
    { email: dora.email, role: "member" },
    { "x-workspace": two },
  );
  const opened = await dora.submit("/invitation", { token: tokenOf(invited.json.url) });
  expect(opened.text).toContain("You have a sign-in here already");
  expect(opened.text).not.toContain("new-password");
  const wrong = await dora.submit("/invitation", { token: tokenOf(invited.json.url), password: "another password" });
  expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining("The password is wrong")]);
  expect((await dora.submit("/invitation", { token: tokenOf(invited.json.url), password: goodPassword })).status).toBe(
    303,
  );

  const of = (workspaceId: string) => ({ "x-workspace": workspaceId });
  const see = async (workspaceId: string) => (await dora.call("GET", "/events", undefined, of(workspaceId))).status;
  expect([await see(plumbline.workspaceId), await see(two)]).toEqual([200, 200]);
  const id = await idOf(dora);
  await admin.call("DELETE", `/members/${id}`, undefined, of(plumbline.workspaceId));
  expect([await see(plumbline.workspaceId), await see(two)]).toEqual([403, 200]);
  expect((await dora.call("GET", "/me")).json.workspaces).toEqual([
    expect.objectContaining({ id: two, role: "member" }),
  ]);
  await admin.call("DELETE", `/members/${id}`, undefined, of(two));
  expect(await see(two)).toBe(401);
});

test("a link to a new password: used once, ends every session, and is no way into another workspace", async () => {
  const fred = await createMember(plumbline, admin, {
    email: "fred@acme.example",
    role: "viewer",
    workspaceId: plumbline.workspaceId,
  });
  const other = createVisitor(plumbline.url);
  await other.call("POST", "/session", { email: fred.email, password: goodPassword });
  const of = { "x-workspace": plumbline.workspaceId };
  const made = await admin.call("POST", "/password-links", { memberId: await idOf(fred) }, of);
  expect(made.status).toBe(201);
  const visitor = createVisitor(plumbline.url);
  const weak = await visitor.submit("/new-password", { token: tokenOf(made.json.url), password: "baseball" });
  expect([weak.status, weak.text]).toEqual([400, expect.stringContaining("tried first")]);
  const use = () =>
    createVisitor(plumbline.url).submit("/new-password", {
      token: tokenOf(made.json.url),
      password: "another four words of mine",
    });
  const answers = await Promise.all([use(), use(), use()]);
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect([(await fred.call("GET", "/me")).status, (await other.call("GET", "/me")).status]).toEqual([401, 401]);
  expect((await other.call("POST", "/session", { email: fred.email, password: goodPassword })).status).toBe(401);
  await fred.call("POST", "/session", { email: fred.email, password: "another four words of mine" });

  // Lou belongs to one workspace when the link is made, and to another one, or one of their own, when it is used.
  const lou = await createMember(plumbline, admin, {
    email: "lou@acme.example",
    role: "admin",
    workspaceId: plumbline.workspaceId,
  });
  const two = (await admin.call("POST", "/workspaces", { name: "Lou's next" })).json.id;
  for (const come of [
    () => lou.call("POST", "/workspaces", { name: "Lou's" }),
    async () => {
      const invited = await admin.call(
        "POST",
        "/invitations",
        { email: lou.email, role: "viewer" },
        { "x-workspace": two },
      );
      return lou.submit("/invitation", { token: tokenOf(invited.json.url), password: goodPassword });
    },
  ]) {
    const access = { clock: () => new Date(), publicUrl: plumbline.url };
    const memberId = await idOf(lou);
    const { url } = await inTransaction(plumbline.database.pool, (tx) =>
      makePasswordLink(tx, access, commandLine, { workspaceId: plumbline.workspaceId, memberId }),
    );
    expect((await come()).status).toBeLessThan(400);
    const late = await createVisitor(plumbline.url).submit("/new-password", {
      token: tokenOf(url),
      password: "mine now, all of it",
    });
    expect([late.status, (await lou.call("GET", "/me")).status]).toEqual([410, 200]);
  }

  // Gina administers a workspace of her own too; who administers only this one must not become her.
  const gina = await createMember(plumbline, admin, {
    email: "gina@acme.example",
    role: "admin",
    workspaceId: plumbline.workspaceId,
  });
  await gina.call("POST", "/workspaces", { name: "Gina's" });
  const refused = await admin.call("POST", "/password-links", { memberId: await idOf(gina) }, of);
  expect([refused.status, refused.json.detail]).toEqual([403, expect.stringContaining("another workspace")]);
  const byKey = await plumbline.call("POST", "/password-links", { memberId: await idOf(gina) });
  expect(byKey.status).toBe(403);
  expect((await plumbline.call("POST", "/password-links", { memberId: await idOf(fred) })).status).toBe(201);
});

test("a link to a new password that is made while its member comes into another workspace is no way into that one", async () => {
  const { workspaceId, database } = plumbline;
  const ivy = await createMember(plumbline, admin, { email: "ivy@acme.example", role: "admin", workspaceId });
  const memberId = await idOf(ivy);
  const { url, coming } = await inTransaction(database.pool, async (tx) => {
    const access = { clock: () => new Date(), publicUrl: plumbline.url };
    const made = await makePasswordLink(tx, access, commandLine, { workspaceId, memberId });
    let isOver = false;
    const coming = ivy.call("POST", "/workspaces", { name: "Ivy's" }).finally(() => {
      isOver = true;
    });
    const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
    await expect
      .poll(async () => isOver || (await database.pool.query(waiting)).rowCount === 1, { timeout: 20_000 })
      .toBe(true);
    return { url: made.url, coming };
  });
  expect((await coming).status).toBe(201);
  const late = { token: tokenOf(url), password: "mine now, all of it" };
  expect((await createVisitor(plumbline.url).submit("/new-password", late)).status).toBe(410);
});

test("one's own password: needs the current one, refuses weak ones, ends the other sessions and not this one", async () => {
  const hal = await createMember(plumbline, admin, {
    email: "hal@acme.example",
    role: "viewer",
    workspaceId: plumbline.workspaceId,
  });
  const other = createVisitor(plumbline.url);
  await other.call("POST", "/session", { email: hal.email, password: goodPassword });
  const change = (current: string, next: string) => hal.call("POST", "/me/password", { current, next });
  expect((await change("not this one", "a whole new sentence")).status).toBe(403);
  for (const weak of ["short", "12345678", "hal@acme.example", "aaaaaaaaaaaa", "Plumbline2026!", "x".repeat(257)])
    expect([weak, (await change(goodPassword, weak)).status]).toEqual([weak, 400]);
  expect((await change(goodPassword, "a whole new sentence")).status).toBe(200);
  expect([(await hal.call("GET", "/me")).status, (await other.call("GET", "/me")).status]).toEqual([200, 401]);
});

test("sessions are seen and ended by their owner, and by an administrator of the workspace; by nobody else", async () => {
  const of = { "x-workspace": plumbline.workspaceId };
  const ida = await createMember(plumbline, admin, {
    email: "ida@acme.example",
    role: "member",
    workspaceId: plumbline.workspaceId,
  });
  const phone = createVisitor(plumbline.url, "Phone");
  const sign = () => phone.call("POST", "/session", { email: ida.email, password: goodPassword });
  await sign();
  const list = async () => (await ida.call("GET", "/sessions")).json.items as any[];
  expect(await list()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ current: true, address: "127.0.0.1" }),
      expect.objectContaining({ current: false, userAgent: "Phone" }),
    ]),
  );
  const ofPhone = async () => (await list()).find(({ current }) => !current).id;
  const outsider = await createMember(plumbline, admin, {
    email: "joe@acme.example",
    role: "member",
    workspaceId: plumbline.workspaceId,
  });
  expect((await outsider.call("DELETE", `/sessions/${await ofPhone()}`)).status).toBe(404);
  expect((await outsider.call("DELETE", "/sessions/none")).status).toBe(404);
  expect((await ida.call("DELETE", `/sessions/${await ofPhone()}`)).status).toBe(200);
  expect((await phone.call("GET", "/me")).status).toBe(401);
  await sign();
  const seen = await admin.call("GET", `/sessions?member=${await idOf(ida)}`, undefined, of);
  expect(seen.json.items).toHaveLength(2);
  expect((await admin.call("DELETE", `/sessions/${await ofPhone()}`, undefined, of)).status).toBe(200);
  expect((await phone.call("GET", "/me")).status).toBe(401);
  await sign();
  expect((await ida.call("DELETE", "/sessions")).json).toEqual({ ended: 1 });
  expect([(await ida.call("GET", "/me")).status, (await phone.call("GET", "/me")).status]).toEqual([200, 401]);
});

test("workspaces: who makes one administers it; X-Workspace chooses, is remembered, and opens no other", async () => {
  const kim = await createMember(plumbline, admin, {
    email: "kim@acme.example",
    role: "admin",
    workspaceId: plumbline.workspaceId,
  });
  const made = await kim.call("POST", "/workspaces", { name: "Kim's", hierarchy: true });
  expect(made.json).toMatchObject({ name: "Kim's", hierarchy: true, role: "admin" });
  const of = (id: string) => ({ "x-workspace": id });
  expect((await kim.call("GET", "/me")).json.workspaceId).toBe(plumbline.workspaceId);
  expect((await kim.call("GET", "/me", undefined, of(made.json.id))).json.workspaceId).toBe(made.json.id);
  expect((await kim.call("GET", "/me")).json.workspaceId).toBe(made.json.id);
  for (const id of [made.json.id, "00000000-0000-0000-0000-000000000000", "nonsense"])
    expect((await admin.call("GET", "/events", undefined, of(id))).status).toBe(403);
  const changed = await kim.call("PATCH", `/workspaces/${made.json.id}`, { name: "Kim & Co", hierarchy: false });
  expect(changed.json).toMatchObject({ name: "Kim & Co", hierarchy: false });
  expect((await kim.call("PATCH", `/workspaces/${plumbline.workspaceId}`, { name: "Mine" })).status).toBe(404);
  const { json } = await kim.call("GET", "/audit-log?subject=workspace");
  expect(json.items.map((line: any) => [line.action, line.by.name, line.before, line.after])).toEqual([
    ["workspace.changed", "kim", { name: "Kim's", hierarchy: true }, { name: "Kim & Co", hierarchy: false }],
    ["workspace.made", "kim", null, { name: "Kim's", hierarchy: true }],
  ]);
});
