// Addresses that somebody types to reach what is not theirs to reach. Every name here leads to 127.0.0.1, where a server
// counts connections: none may arrive, except for the counter-check, where the same addresses are allowed on purpose.
import { fetch as undiciFetch, request as undiciRequest } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catchOutgoingError } from "../../../test/support/catch-outgoing-error.ts";
import { type CountingServer, startCountingServer } from "../../../test/support/counting-server.ts";
import { type DnsServer, startDnsServer } from "../../../test/support/dns-server.ts";
import { silentLog } from "../../../test/support/test-database.ts";
import { parseAllowList } from "./allow-list.ts";
import { createOutgoing, type Outgoing } from "./outgoing.ts";
import type { OutgoingError, OutgoingTrouble } from "./outgoing-error.ts";
import type { AddressKind } from "./special-addresses.ts";

let server: CountingServer;
let names: DnsServer;
let outgoing: Outgoing;
beforeAll(async () => {
  server = await startCountingServer();
  names = await startDnsServer(({ type }) => (type === "A" ? [{ type, value: "127.0.0.1" }] : []));
  outgoing = createOutgoing({ log: silentLog, resolve: names.resolve });
});
afterAll(async () => {
  await outgoing.stop();
  await names.stop();
  await server.stop();
});

/** All of them are 127.0.0.1 and the server's port, in the end. */
const loopbackAddresses = [
  "http://127.0.0.1:P/",
  "http://127.0.0.1:P",
  "HTTP://127.0.0.1:P/",
  "hTTp://127.0.0.1:P/",
  "https://127.0.0.1:P/",
  "  http://127.0.0.1:P/ ",
  "http://127.0.0.1.:P/",
  "http://127.0.0.1:0P/",
  "http://127.0.0.1:P/path/..//?query=1#fragment",
  "http://127.0.0.1:P#@example.com/",
  "http://127.0.0.1:P?@example.com/",
  "http://127.0.0.1:P/@example.com/",
  "http://127.0.0.1:P\\@example.com/",
  "http:///127.0.0.1:P/",
  "http:////127.0.0.1:P/",
  "http://\\127.0.0.1:P/",
  "http://127.1:P/",
  "http://127.0.1:P/",
  "http://127.000.000.001:P/",
  "http://0x7f.1:P/",
  "http://0x7f.0.0.1:P/",
  "http://0X7F.0X0.0X0.0X1:P/",
  "http://0x7f.0x0.0x1:P/",
  "http://0x7f000001:P/",
  "http://0x0000000000007f000001:P/",
  "http://0177.1:P/",
  "http://0177.0.0.01:P/",
  "http://00000000177.0.0.1:P/",
  "http://017700000001:P/",
  "http://2130706433:P/",
  "http://2130706433.:P/",
  "http://127.0.0.0x1:P/",
  "http://127.0x000001:P/",
  "http://%31%32%37.0.0.1:P/",
  "http://127%2e0%2e0%2e1:P/",
  "http://%30x7f.1:P/",
  "http://１２７.０.０.１:P/",
  "http://127。0。0。1:P/",
  "http://127．0．0．1:P/",
  "http://127｡0｡0｡1:P/",
  "http://①②⑦.⓪.⓪.①:P/",
  "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:P/",
  "http://¹²⁷.⁰.⁰.¹:P/",
  "http://[::ffff:127.0.0.1]:P/",
  "http://[::ffff:7f00:1]:P/",
  "http://[::FFFF:7F00:0001]:P/",
  "http://[0:0:0:0:0:ffff:127.0.0.1]:P/",
  "http://[0000:0000:0000:0000:0000:ffff:7f00:0001]:P/",
  "http://localhost:P/",
  "http://LOCALHOST:P/",
  "http://localhost.:P/",
  "http://app.localhost:P/",
  "http://loc%61lhost:P/",
  "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:P/",
  "http://ｌｏｃａｌｈｏｓｔ:P/",
  "http://intranet:P/",
  "http://a_b.test:P/",
  "http://127.0.0.1.nip.test:P/",
  "http://0x7f.1.nip.test:P/",
  "http://7f000001.c0a80001.rebind.test:P/",
  "http://127.0.0.1e0:P/",
  "http://127.0.0.-1:P/",
  "http://büro.test:P/",
  "http://xn--bro-hoa.test:P/",
  "http://WWW.EXAMPLE.TEST:P/",
  "http://example.test%2e:P/",
  "http://metadata.google.internal:P/",
];

/** Refused as what they are; nobody listens there, so that the counter-check is the kind that is seen. */
const otherAddresses: Partial<Record<AddressKind, string[]>> = {
  loopback: [
    "http://127.0.0.2:P/",
    "http://127.127.127.127:P/",
    "http://127.255.255.254:P/",
    "http://[::1]:P/",
    "http://[0:0:0:0:0:0:0:1]:P/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:P/",
    "http://[0::1]:P/",
    "http://[::0.0.0.1]:P/",
    "http://[64:ff9b::127.0.0.1]:P/",
    "http://[64:ff9b::7f00:1]:P/",
  ],
  unspecified: [
    "http://0.0.0.0:P/",
    "http://0:P/",
    "http://0x0:P/",
    "http://00000:P/",
    "http://0.0:P/",
    "http://0.1.2.3:P/",
    "http://⓪:P/",
    "http://[::]:P/",
    "http://[0:0:0:0:0:0:0:0]:P/",
    "http://[::ffff:0.0.0.0]:P/",
    "http://[64:ff9b::]:P/",
  ],
  translated: [
    "http://[::127.0.0.1]:P/",
    "http://[::7f00:1]:P/",
    "http://[::ffff:0:127.0.0.1]:P/",
    "http://[64:ff9b:1::7f00:1]:P/",
    "http://[2002:7f00:1::]:P/",
    "http://[2002:a00:1::1]:P/",
    "http://[2002:a9fe:a9fe::1]:P/",
    "http://[2002:808:808::1]:P/",
    "http://[2001:0:7f00:1::]:P/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:P/",
    "http://192.88.99.1:P/",
  ],
  private: [
    "http://10.0.0.1:P/",
    "http://10.255.255.255:P/",
    "http://10.1:P/",
    "http://167772161:P/",
    "http://0xa.1:P/",
    "http://012.0.0.1:P/",
    "http://172.16.0.1:P/",
    "http://172.31.255.254:P/",
    "http://0xac100001:P/",
    "http://192.168.0.1:P/",
    "http://192.168.1.1.:P/",
    "http://3232235521:P/",
    "http://0xC0A80001:P/",
    "http://0300.0250.0.1:P/",
    "http://192.168.257:P/",
    "http://１９２.１６８.０.１:P/",
    "http://[::ffff:10.0.0.1]:P/",
    "http://[::ffff:c0a8:1]:P/",
    "http://[64:ff9b::a00:1]:P/",
    "http://[fc00::1]:P/",
    "http://[fd00::1]:P/",
    "http://[FDFF:FFFF::1]:P/",
    "http://[fec0::1]:P/",
  ],
  shared: ["http://100.64.0.1:P/", "http://100.127.255.254:P/", "http://[::ffff:100.64.0.1]:P/"],
  "link-local": [
    "http://169.254.1.1:P/",
    "http://169.254.169.253:P/",
    "http://[fe80::1]:P/",
    "http://[febf::1]:P/",
    "http://[::ffff:169.254.1.1]:P/",
  ],
  metadata: [
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254./",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xA9.0xFE.0xA9.0xFE/",
    "http://0251.0376.0251.0376/",
    "http://025177524776/",
    "http://169.254.43518/",
    "http://169.16689662/",
    "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
    "http://169。254。169。254/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a9fe:a9fe]/",
    "http://[::a9fe:a9fe]/",
    "http://[fe80::a9fe:a9fe]/",
    "http://[fd00:ec2::254]/",
    "http://[fd00:ec2::23]/",
    "http://[fd20:ce::254]/",
    "http://[fd00:c1::a9fe:a9fe]/",
    "http://[2001:19f0:fc00::a9fe:a9fe]/",
    "http://169.254.170.2/v2/credentials",
    "http://100.100.100.200/",
    "http://1684301000/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
  ],
  multicast: ["http://224.0.0.1:P/", "http://239.255.255.255:P/", "http://[ff02::1]:P/", "http://[ff0e::1]:P/"],
  broadcast: ["http://255.255.255.255:P/", "http://4294967295:P/", "http://0xffffffff:P/"],
  reserved: [
    "http://240.0.0.1:P/",
    "http://192.0.0.8:P/",
    "http://192.31.196.1:P/",
    "http://[100::1]:P/",
    "http://[4000::1]:P/",
    "http://[5f00::1]:P/",
    "http://[2001:20::1]:P/",
    "http://[::1:0:0:1]:P/",
  ],
  documentation: [
    "http://192.0.2.1:P/",
    "http://198.51.100.1:P/",
    "http://203.0.113.1:P/",
    "http://[2001:db8::1]:P/",
    "http://[3fff::1]:P/",
  ],
  benchmarking: ["http://198.18.0.1:P/", "http://198.19.255.255:P/", "http://[2001:2::1]:P/"],
};

/** Not called at all, whoever they may lead to. */
const invalidAddresses = [
  "",
  " ",
  "P",
  "127.0.0.1:P",
  "localhost:P",
  "//127.0.0.1:P/",
  "/127.0.0.1:P/",
  "http:/127.0.0.1:P/",
  "http:127.0.0.1:P/",
  "http:\\\\127.0.0.1:P\\",
  "http;//127.0.0.1:P/",
  "ftp://127.0.0.1:P/",
  "file:///etc/passwd",
  "file://127.0.0.1/etc/passwd",
  "gopher://127.0.0.1:P/_GET",
  "dict://127.0.0.1:P/info",
  "ldap://127.0.0.1:P/",
  "tftp://127.0.0.1:P/",
  "ws://127.0.0.1:P/",
  "wss://127.0.0.1:P/",
  "jar:http://127.0.0.1:P/!/",
  "view-source:http://127.0.0.1:P/",
  "blob:http://127.0.0.1:P/",
  "data:text/html,hello",
  "javascript:fetch('http://127.0.0.1:P/')",
  "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
  "unix:/var/run/docker.sock",
  "http://",
  "http://?127.0.0.1:P",
  "http://#127.0.0.1:P",
  "http://:P/",
  "http://.:P/",
  "http://..:P/",
  "http://a..b.test:P/",
  "http://.example.test:P/",
  "http:// 127.0.0.1:P/",
  "http://127.0.0.1 :P/",
  "http://127.0.0.1\t:P/",
  "http://127.0.0.1\n:P/",
  "ht\ntp://127.0.0.1:P/",
  "http://127.0.0.1:P/\r\nX-Evil: 1",
  "http://127.0.0.1\u0000.example.test:P/",
  "http://127.0.0\u00ad.1:P/",
  "http://local\u200bhost:P/",
  "http://\u202e127.0.0.1:P/",
  "http://127.0.0.1:P/a\u00a0b",
  "http://user:password@127.0.0.1:P/",
  "http://user@127.0.0.1:P/",
  "http://:password@127.0.0.1:P/",
  "http://@127.0.0.1:P/",
  "http://:@127.0.0.1:P/",
  "http:///user@127.0.0.1:P/",
  "http://\\user@127.0.0.1:P/",
  "http://example.com@127.0.0.1:P/",
  "http://example.com:80@127.0.0.1:P/",
  "http://127.0.0.1:P@example.com/",
  "http://example.com%40127.0.0.1:P/",
  "http://example.com%2f@127.0.0.1:P/",
  "http://example.com%2f127.0.0.1:P/",
  "http://example.com%23127.0.0.1:P/",
  "http://example.com%00127.0.0.1:P/",
  "http://127.0.0.1<:P/",
  "http://127.0.0.1%:P/",
  "http://127.0.0.1:22/",
  "http://8.8.8.8:22/",
  "http://8.8.8.8:25/",
  "http://8.8.8.8:53/",
  "http://8.8.8.8:445/",
  "http://8.8.8.8:1023/",
  "https://8.8.8.8:0/",
  "http://8.8.8.8:65536/",
  "http://8.8.8.8:-1/",
  "http://8.8.8.8:0x50/",
  "http://8.8.8.8:80:80/",
  "http://6425673729:P/",
  "http://127.0.0.256:P/",
  "http://127.0.0.1.1:P/",
  "http://1.2.3.4.5:P/",
  "http://0x7f.0.0.0.1:P/",
  "http://08.0.0.1:P/",
  "http://127.0.0.08:P/",
  "http://0x100000000:P/",
  "http://[::1:P/",
  "http://::1:P/",
  "http://[::1]x:P/",
  "http://[127.0.0.1]:P/",
  "http://[::g]:P/",
  "http://[::ffff:127.1]:P/",
  "http://[::ffff:0x7f.0.0.1]:P/",
  "http://[1:2:3]:P/",
  "http://[::1%25lo]:P/",
  "http://[::1%lo]:P/",
  "http://[fe80::1%25eth0]:P/",
  "http://[fe80::1%eth0]:P/",
  "http://xn--a.test:P/",
  "http://a$b.test:P/",
  "http://a,b.test:P/",
  "http://*.test:P/",
  `http://${"a".repeat(64)}.test:P/`,
  `http://${"a.".repeat(130)}test:P/`,
  `http://127.0.0.1:P/${"a".repeat(4_000)}`,
];

type Row = { address: string; trouble: OutgoingTrouble; kind: AddressKind | undefined };

const rows: Row[] = [
  ...loopbackAddresses.map((address): Row => ({ address, trouble: "address-refused", kind: "loopback" })),
  ...Object.entries(otherAddresses).flatMap(([kind, addresses]) =>
    addresses.map((address): Row => ({ address, trouble: "address-refused", kind: kind as AddressKind })),
  ),
  ...invalidAddresses.map((address): Row => ({ address, trouble: "address-invalid", kind: undefined })),
];

const withPort = (address: string) =>
  address.replaceAll("P/", `${server.port}/`).replace(/P(?=$|[\\#?@])/, `${server.port}`);

test("there are many of them, each once", () => {
  expect(new Set(rows.map(({ address }) => address)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(250);
});

test.each(rows)("$trouble $kind: $address", async ({ address, trouble, kind }) => {
  const error = await catchOutgoingError(outgoing.request(withPort(address), { method: "POST", body: "x" }));
  expect(error).toMatchObject({ trouble, kind, next: "fix-address" });
  expect(server.connections()).toBe(0);
});

test("what is said tells a person what to do and a stranger nothing", async () => {
  const refused = async (address: string) =>
    (await catchOutgoingError(outgoing.request(address, { method: "GET" }))).message;
  expect(await refused("http://10.1.2.3/")).toBe(
    "The address leads into a network that is not public: give a public address, or have an administrator allow this one (OUTGOING_ALLOW).",
  );
  expect(await refused("http://intranet/")).toBe(await refused("http://10.1.2.3/"));
  expect(await refused("http://169.254.169.254/")).toMatch(/where a cloud keeps its secrets: give a public address\.$/);
  expect(await refused("http://me:hunter2@example.com/")).toBe(
    "The address has a user name or a password in it: give one like https://example.com/path, without user name and password.",
  );
});

test("whoever uses the dispatcher alone is refused as well", async () => {
  const { dispatcher } = outgoing;
  for (const address of [
    "http://127.0.0.1:P/",
    "http://0x7f.1:P/",
    "http://localhost:P/",
    "http://[::ffff:7f00:1]:P/",
  ]) {
    expect(await catchOutgoingError(undiciRequest(withPort(address), { dispatcher }))).toMatchObject({
      kind: "loopback",
    });
    const error = await undiciFetch(withPort(address), { dispatcher }).catch((reason: Error) => reason.cause);
    expect(error).toMatchObject({ code: "ADDRESS_REFUSED", kind: "loopback" });
  }
  expect(await catchOutgoingError(undiciRequest("http://8.8.8.8:25/", { dispatcher }))).toMatchObject({
    trouble: "address-invalid",
  });
  expect(server.connections()).toBe(0);
});

test("counter-check: where 127.0.0.1 is allowed, every one of its addresses reaches the server", async () => {
  const { allowed } = parseAllowList("127.0.0.0/8");
  for (const address of loopbackAddresses) {
    const before = server.connections();
    const open = createOutgoing({ log: silentLog, resolve: names.resolve, allowed });
    const answer = await open.request(withPort(address), { method: "GET" }).catch((error: OutgoingError) => error);
    expect(server.connections(), address).toBe(before + 1);
    // It speaks no TLS.
    expect(answer, address).toMatchObject(
      address.startsWith("https") ? { trouble: "certificate-refused" } : { status: 200 },
    );
    await open.stop();
  }
});

test("what can never be allowed stays closed, also where everything is allowed", async () => {
  const allowed = { ...parseAllowList("0.0.0.0/0,::/0").allowed, names: [".internal", "metadata.test"] };
  const toMetadata = await startDnsServer(({ type }) =>
    type === "A" ? [{ type, value: "169.254.169.254" }] : [{ type, value: "fd00:ec2::254" }],
  );
  const open = createOutgoing({ log: silentLog, resolve: toMetadata.resolve, allowed });
  for (const kind of ["metadata", "link-local", "unspecified", "multicast", "broadcast", "translated"] as const)
    for (const address of otherAddresses[kind]!)
      expect(await catchOutgoingError(open.request(withPort(address), { method: "GET" })), address).toMatchObject({
        kind,
      });
  for (const address of ["http://metadata.google.internal/", "http://metadata.test/", "http://other.test/"])
    expect(await catchOutgoingError(open.request(address, { method: "GET" }))).toMatchObject({ kind: "metadata" });
  await open.stop();
  await toMetadata.stop();
});
