// Names whose servers lie. 127.0.0.2 stands for a public address: it is the only one that is allowed. The same port at
// 127.0.0.1 stands for what must not be reached, and counts who comes.

import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { catchOutgoingError } from "../../../test/support/catch-outgoing-error.ts";
import { type CountingServer, startCountingServer } from "../../../test/support/counting-server.ts";
import { type DnsAnswer, type DnsQuestion, type DnsServer, startDnsServer } from "../../../test/support/dns-server.ts";
import { silentLog } from "../../../test/support/test-database.ts";
import { parseAllowList } from "./allow-list.ts";
import { createOutgoing, type Outgoing, type OutgoingOptions } from "./outgoing.ts";

const open = "127.0.0.2";
const secret = "127.0.0.1";
const { allowed } = parseAllowList(open);

let reachable: CountingServer;
let hidden: CountingServer;
let address: string;
beforeAll(async () => {
  hidden = await startCountingServer();
  reachable = await startCountingServer(undefined, { host: open, port: hidden.port });
  address = `http://hooks.test:${hidden.port}/`;
});
afterAll(async () => {
  expect(hidden.connections()).toBe(0);
  await reachable.stop();
  await hidden.stop();
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A way out whose names are answered by `answer`, asked over UDP. */
async function createWithNames(
  answer: (question: DnsQuestion) => DnsAnswer,
  options: Partial<OutgoingOptions> = {},
): Promise<{ outgoing: Outgoing; names: DnsServer }> {
  const names = await startDnsServer(answer);
  const outgoing = createOutgoing({ log: silentLog, resolve: names.resolve, allowed, ...options });
  stops.push(names.stop, outgoing.stop);
  return { outgoing, names };
}

const always =
  (...values: string[]) =>
  ({ type }: DnsQuestion): DnsAnswer =>
    values.filter((value) => value.includes(":") === (type === "AAAA")).map((value) => ({ type, value }));

const get = (outgoing: Outgoing, to = address) => outgoing.request(to, { method: "GET" });

test("a name that leads to an open address is called there, once asked for, under its own name", async () => {
  const { outgoing, names } = await createWithNames(always(open));
  const before = reachable.connections();
  expect(await get(outgoing)).toMatchObject({ status: 200, redirectsTo: undefined });
  expect(reachable.connections()).toBe(before + 1);
  expect(reachable.hosts.at(-1)).toBe(`hooks.test:${reachable.port}`);
  expect(names.questions.map(({ type }) => type).sort()).toEqual(["A", "AAAA"]);
});

test.each<[string, string[]]>([
  ["only the hidden one", [secret]],
  ["the open one first", [open, secret]],
  ["the hidden one first", [secret, open]],
  ["a private one among many", [open, open, "10.0.0.1", open]],
  ["metadata", ["169.254.169.254"]],
  ["the open one, and in IPv6 the loopback", [open, "::1"]],
  ["the open one, and in IPv6 the hidden one mapped", [open, "::ffff:127.0.0.1"]],
  ["the hidden one, mapped", ["::ffff:127.0.0.1"]],
  ["the hidden one, translated", ["64:ff9b::7f00:1"]],
  ["the hidden one, by 6to4", ["2002:7f00:1::1"]],
  ["the hidden one, by Teredo", ["2001:0:7f00:1::1"]],
  ["the hidden one, compatible", ["::127.0.0.1"]],
  ["unique-local", ["fd00::1"]],
  ["link-local", ["fe80::1"]],
  ["this machine, unspecified", ["0.0.0.0"]],
  ["unspecified in IPv6", ["::"]],
  ["broadcast", ["255.255.255.255"]],
])("refused: %s", async (_name, values) => {
  const { outgoing } = await createWithNames(always(...values));
  const before = reachable.connections();
  expect(await catchOutgoingError(get(outgoing))).toMatchObject({ trouble: "address-refused" });
  expect([hidden.connections(), reachable.connections()]).toEqual([0, before]);
});

test.each([0, 1, 60, 604_800, 2_147_483_647])(
  "rebinding with a TTL of %d seconds: what was judged is called, and every new connection is judged anew",
  async (ttl) => {
    let answered = 0;
    const { outgoing } = await createWithNames(
      ({ type }) => {
        if (type === "AAAA") return [];
        answered += 1;
        return [{ type, value: answered === 1 ? open : secret, ttl }];
      },
      { limits: { connections: 1 } },
    );
    const before = reachable.connections();
    expect(await get(outgoing)).toMatchObject({ status: 200 });
    // On the connection that stands, without asking.
    expect(await get(outgoing)).toMatchObject({ status: 200 });
    expect([answered, reachable.connections()]).toEqual([1, before + 1]);
    reachable.closeConnections();
    await expect.poll(() => catchOutgoingError(get(outgoing))).toMatchObject({ trouble: "address-refused" });
    expect(answered).toBeGreaterThan(1);
    expect([hidden.connections(), reachable.connections()]).toEqual([0, before + 1]);
  },
);

test("answers that change with every question: many at once, none arrives where it must not", async () => {
  let turn = 0;
  const { outgoing } = await createWithNames(({ type }) => {
    turn += 1;
    return type === "AAAA" ? [] : [{ type, value: turn % 3 === 0 ? open : secret, ttl: 0 }];
  });
  const asked = Array.from({ length: 60 }, (_, place) => get(outgoing, address.replace("hooks", `hooks-${place}`)));
  const outcomes = await Promise.allSettled(asked);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["fulfilled", "rejected"]));
  expect(hidden.connections()).toBe(0);
});

test("the first name asked for is open, its alias is not: both ways", async () => {
  const alias = (value: string) => (question: DnsQuestion) =>
    question.type === "AAAA"
      ? []
      : [
          { type: "CNAME" as const, value: "inside.test" },
          { type: "CNAME" as const, name: "inside.test", value: "deeper.test" },
          { type: "A" as const, name: "deeper.test", value },
        ];
  const bad = await createWithNames(alias(secret));
  expect(await catchOutgoingError(get(bad.outgoing))).toMatchObject({ trouble: "address-refused", kind: "loopback" });
  const good = await createWithNames(alias(open));
  expect(await get(good.outgoing)).toMatchObject({ status: 200 });
});

test.each<[DnsAnswer, string, string]>([
  [[], "name-not-found", "fix-address"],
  ["no-such-name", "name-not-found", "fix-address"],
  ["server-failure", "name-not-resolved", "try-again"],
  ["refused", "name-not-resolved", "try-again"],
  ["silence", "name-not-resolved", "try-again"],
  ["wrong-id", "name-not-resolved", "try-again"],
  ["garbage", "name-not-resolved", "try-again"],
  [[{ type: "CNAME", value: "hooks.test" }], "name-not-found", "fix-address"],
])("no address: %j is %s", async (answer, trouble, next) => {
  const { outgoing } = await createWithNames(() => answer);
  const before = reachable.connections();
  expect(await catchOutgoingError(get(outgoing))).toMatchObject({ trouble, next });
  expect([hidden.connections(), reachable.connections()]).toEqual([0, before]);
});

test("who hears nothing of IPv6 goes by IPv4, and the other way round is not taken for open", async () => {
  const half = await createWithNames(({ type }) => (type === "A" ? [{ type, value: open }] : "silence"));
  expect(await get(half.outgoing)).toMatchObject({ status: 200 });
  const other = await createWithNames(({ type }) => (type === "A" ? "silence" : [{ type, value: "::1" }]));
  expect(await catchOutgoingError(get(other.outgoing))).toMatchObject({ kind: "loopback" });
});

test("a look-up that does not end is given up in time, and names that are asked for meanwhile do not wait for it", async () => {
  const { outgoing, names } = await createWithNames(always(open), {
    resolve: (name) => (name.startsWith("slow") ? new Promise(() => {}) : names.resolve(name)),
    limits: { resolveMs: 200 },
  });
  const slow = Array.from({ length: 20 }, (_, place) =>
    catchOutgoingError(get(outgoing, `http://slow-${place}.test/`)),
  );
  expect(await get(outgoing)).toMatchObject({ status: 200 });
  for (const error of await Promise.all(slow)) expect(error).toMatchObject({ trouble: "name-not-resolved" });
});

test.each([["localhost"], ["fe80::1%lo"], [""], ["0x7f.1"], ["127.1"], ["[::1]"], ["2130706433"]])(
  "a resolver that answers %j has not answered with an address",
  async (value) => {
    const outgoing = createOutgoing({ log: silentLog, resolve: async () => [open, value], allowed });
    stops.push(outgoing.stop);
    expect(await catchOutgoingError(get(outgoing))).toMatchObject({ trouble: "address-refused", kind: "unreadable" });
  },
);

test("a public address of this very machine is refused, unless it is allowed", async () => {
  const listOwnAddresses = () => ["93.184.216.34", "2606:2800:220:1::1"];
  for (const value of ["93.184.216.34", "::ffff:93.184.216.34", "2606:2800:0220:1:0:0:0:1"]) {
    const { outgoing } = await createWithNames(always(value), { listOwnAddresses });
    expect(await catchOutgoingError(get(outgoing))).toMatchObject({ trouble: "address-refused", kind: "own" });
  }
});

test("an allowed name may lead inside, and nothing else may", async () => {
  const { outgoing } = await createWithNames(always("127.0.0.3"), { allowed: parseAllowList("crm.test").allowed });
  const inside = await startCountingServer(undefined, { host: "127.0.0.3", port: hidden.port });
  stops.push(inside.stop);
  expect(await get(outgoing, `http://CRM.test.:${inside.port}/`)).toMatchObject({ status: 200 });
  expect(inside.hosts).toEqual([`crm.test:${inside.port}`]);
  for (const name of ["x.crm.test", "crm.test.x", "crm-test", "127.0.0.3"])
    expect(await catchOutgoingError(get(outgoing, `http://${name}:${inside.port}/`)), name).toMatchObject({
      trouble: "address-refused",
    });
  expect(inside.connections()).toBe(1);
});

test("an allowed name is looked up as this machine does, others are not", async () => {
  const inside = createOutgoing({ log: silentLog, allowed: parseAllowList("localhost,127.0.0.0/8").allowed });
  stops.push(inside.stop);
  const server = await startCountingServer();
  stops.push(server.stop);
  expect(await get(inside, `http://localhost:${server.port}/`)).toMatchObject({ status: 200 });
});

test("TLS is spoken with the name that was typed, at the address that was judged", async () => {
  const asked: string[] = [];
  const server = createTlsServer({
    SNICallback(name, done) {
      asked.push(name);
      done(new Error("there is no certificate here"));
    },
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, open, resolve));
  stops.push(() => new Promise((done) => server.close(() => done())));
  const { port } = server.address() as AddressInfo;
  const { outgoing } = await createWithNames(always(open));
  await catchOutgoingError(get(outgoing, `https://Hooks.test.:${port}/`));
  expect(asked).toEqual(["hooks.test"]);
});
