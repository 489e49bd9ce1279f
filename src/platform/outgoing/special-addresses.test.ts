// Written from IANA's registries once more, by hand, so that a slip in the table is not a slip in its test.
import { BlockList } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isWithin, parseIpAddress, parseNetwork } from "./ip-address.ts";
import { type AddressKind, classifyIpAddress } from "./special-addresses.ts";

const classify = (text: string) => classifyIpAddress(parseIpAddress(text)!);

type Row = {
  network: string;
  kind: AddressKind;
  first: string;
  last: string;
  /** The neighbours outside; left out where there is none. */
  before?: [string, AddressKind];
  after?: [string, AddressKind];
};

const rows: Row[] = (
  [
    ["0.0.0.0/8", "unspecified", "0.0.0.0", "0.255.255.255", undefined, ["1.0.0.0", "public"]],
    ["10.0.0.0/8", "private", "10.0.0.0", "10.255.255.255", ["9.255.255.255", "public"], ["11.0.0.0", "public"]],
    [
      "100.64.0.0/10",
      "shared",
      "100.64.0.0",
      "100.127.255.255",
      ["100.63.255.255", "public"],
      ["100.128.0.0", "public"],
    ],
    ["127.0.0.0/8", "loopback", "127.0.0.0", "127.255.255.255", ["126.255.255.255", "public"], ["128.0.0.0", "public"]],
    [
      "169.254.0.0/16",
      "link-local",
      "169.254.0.0",
      "169.254.255.255",
      ["169.253.255.255", "public"],
      ["169.255.0.0", "public"],
    ],
    [
      "172.16.0.0/12",
      "private",
      "172.16.0.0",
      "172.31.255.255",
      ["172.15.255.255", "public"],
      ["172.32.0.0", "public"],
    ],
    ["192.0.0.0/29", "translated", "192.0.0.0", "192.0.0.7", ["191.255.255.255", "public"], ["192.0.0.8", "reserved"]],
    ["192.0.0.0/24", "reserved", "192.0.0.8", "192.0.0.255", ["192.0.0.7", "translated"], ["192.0.1.0", "public"]],
    ["192.0.0.9/32", "reserved", "192.0.0.9", "192.0.0.9", ["192.0.0.8", "reserved"], ["192.0.0.10", "reserved"]],
    [
      "192.0.0.170/31",
      "translated",
      "192.0.0.170",
      "192.0.0.171",
      ["192.0.0.169", "reserved"],
      ["192.0.0.172", "reserved"],
    ],
    ["192.0.2.0/24", "documentation", "192.0.2.0", "192.0.2.255", ["192.0.1.255", "public"], ["192.0.3.0", "public"]],
    [
      "192.31.196.0/24",
      "reserved",
      "192.31.196.0",
      "192.31.196.255",
      ["192.31.195.255", "public"],
      ["192.31.197.0", "public"],
    ],
    [
      "192.52.193.0/24",
      "reserved",
      "192.52.193.0",
      "192.52.193.255",
      ["192.52.192.255", "public"],
      ["192.52.194.0", "public"],
    ],
    [
      "192.88.99.0/24",
      "translated",
      "192.88.99.0",
      "192.88.99.255",
      ["192.88.98.255", "public"],
      ["192.88.100.0", "public"],
    ],
    [
      "192.168.0.0/16",
      "private",
      "192.168.0.0",
      "192.168.255.255",
      ["192.167.255.255", "public"],
      ["192.169.0.0", "public"],
    ],
    [
      "192.175.48.0/24",
      "reserved",
      "192.175.48.0",
      "192.175.48.255",
      ["192.175.47.255", "public"],
      ["192.175.49.0", "public"],
    ],
    [
      "198.18.0.0/15",
      "benchmarking",
      "198.18.0.0",
      "198.19.255.255",
      ["198.17.255.255", "public"],
      ["198.20.0.0", "public"],
    ],
    [
      "198.51.100.0/24",
      "documentation",
      "198.51.100.0",
      "198.51.100.255",
      ["198.51.99.255", "public"],
      ["198.51.101.0", "public"],
    ],
    [
      "203.0.113.0/24",
      "documentation",
      "203.0.113.0",
      "203.0.113.255",
      ["203.0.112.255", "public"],
      ["203.0.114.0", "public"],
    ],
    [
      "224.0.0.0/4",
      "multicast",
      "224.0.0.0",
      "239.255.255.255",
      ["223.255.255.255", "public"],
      ["240.0.0.0", "reserved"],
    ],
    [
      "240.0.0.0/4",
      "reserved",
      "240.0.0.0",
      "255.255.255.254",
      ["239.255.255.255", "multicast"],
      ["255.255.255.255", "broadcast"],
    ],
    [
      "169.254.169.254/32",
      "metadata",
      "169.254.169.254",
      "169.254.169.254",
      ["169.254.169.253", "link-local"],
      ["169.254.169.255", "link-local"],
    ],
    [
      "169.254.170.2/32",
      "metadata",
      "169.254.170.2",
      "169.254.170.2",
      ["169.254.170.1", "link-local"],
      ["169.254.170.3", "link-local"],
    ],
    [
      "100.100.100.200/32",
      "metadata",
      "100.100.100.200",
      "100.100.100.200",
      ["100.100.100.199", "shared"],
      ["100.100.100.201", "shared"],
    ],
    [
      "192.0.0.192/32",
      "metadata",
      "192.0.0.192",
      "192.0.0.192",
      ["192.0.0.191", "reserved"],
      ["192.0.0.193", "reserved"],
    ],
    [
      "168.63.129.16/32",
      "metadata",
      "168.63.129.16",
      "168.63.129.16",
      ["168.63.129.15", "public"],
      ["168.63.129.17", "public"],
    ],
    ["::/128", "unspecified", "::", "::", undefined, ["::1", "loopback"]],
    ["::1/128", "loopback", "::1", "::1", ["::", "unspecified"], ["::2", "translated"]],
    ["::/96", "translated", "::2", "::ffff:ffff", ["::1", "loopback"], ["::1:0:0", "reserved"]],
    [
      "::ffff:0:0:0/96",
      "translated",
      "::ffff:0:0:0",
      "::ffff:0:ffff:ffff",
      ["::fffe:ffff:ffff:ffff", "reserved"],
      ["::ffff:1:0:0", "reserved"],
    ],
    [
      "64:ff9b:1::/48",
      "translated",
      "64:ff9b:1::",
      "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
      ["64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "reserved"],
      ["64:ff9b:2::", "reserved"],
    ],
    [
      "100::/64",
      "reserved",
      "100::",
      "100::ffff:ffff:ffff:ffff",
      ["ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
      ["100:0:0:1::", "reserved"],
    ],
    [
      "2001::/32",
      "translated",
      "2001::",
      "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
      ["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["2001:1::", "reserved"],
    ],
    [
      "2001::/23",
      "reserved",
      "2001:1::",
      "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "translated"],
      ["2001:200::", "public"],
    ],
    ["2001:1::1/128", "reserved", "2001:1::1", "2001:1::3", ["2001:1::", "reserved"], ["2001:1::4", "reserved"]],
    [
      "2001:2::/48",
      "benchmarking",
      "2001:2::",
      "2001:2:0:ffff:ffff:ffff:ffff:ffff",
      ["2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
      ["2001:2:1::", "reserved"],
    ],
    ["2001:3::/32", "reserved", "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:4:112::/48", "reserved", "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff"],
    ["2001:10::/28", "reserved", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:20::/28", "reserved", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:30::/28", "reserved", "2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"],
    [
      "2001:db8::/32",
      "documentation",
      "2001:db8::",
      "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
      ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["2001:db9::", "public"],
    ],
    [
      "2002::/16",
      "translated",
      "2002::",
      "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["2003::", "public"],
    ],
    [
      "2620:4f:8000::/48",
      "reserved",
      "2620:4f:8000::",
      "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
      ["2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["2620:4f:8001::", "public"],
    ],
    [
      "3fff::/20",
      "documentation",
      "3fff::",
      "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["3fff:1000::", "public"],
    ],
    [
      "4000::/3",
      "reserved",
      "4000::",
      "5fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
      ["6000::", "reserved"],
    ],
    ["5f00::/16", "reserved", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    [
      "fc00::/7",
      "private",
      "fc00::",
      "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
      ["fe00::", "reserved"],
    ],
    [
      "fe80::/10",
      "link-local",
      "fe80::",
      "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
      ["fec0::", "private"],
    ],
    [
      "fec0::/10",
      "private",
      "fec0::",
      "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"],
      ["ff00::", "multicast"],
    ],
    [
      "ff00::/8",
      "multicast",
      "ff00::",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ["feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private"],
    ],
    [
      "fd00:ec2::/32",
      "metadata",
      "fd00:ec2::23",
      "fd00:ec2::254",
      ["fd00:ec1::254", "private"],
      ["fd00:ec3::254", "private"],
    ],
    [
      "fd20:ce::254/128",
      "metadata",
      "fd20:ce::254",
      "fd20:ce::254",
      ["fd20:ce::253", "private"],
      ["fd20:ce::255", "private"],
    ],
    [
      "::a9fe:a9fe anywhere",
      "metadata",
      "fe80::a9fe:a9fe",
      "2001:19f0:fc00::a9fe:a9fe",
      ["2001:19f0:fc00::a9fe:a9fd", "public"],
      ["2001:19f0:fc00::a9fe:a9ff", "public"],
    ],
  ] as [string, AddressKind, string, string, [string, AddressKind]?, [string, AddressKind]?][]
).map(([network, kind, first, last, before, after]) => ({
  network,
  kind,
  first,
  last,
  ...(before && { before }),
  ...(after && { after }),
}));

test.each(rows)("$network is $kind from its first to its last address", ({ kind, first, last, before, after }) => {
  expect([classify(first), classify(last)]).toEqual([kind, kind]);
  if (before) expect(classify(before[0])).toBe(before[1]);
  if (after) expect(classify(after[0])).toBe(after[1]);
});

test.each([
  ["1.1.1.1"],
  ["8.8.8.8"],
  ["93.184.216.34"],
  ["2606:4700:4700::1111"],
  ["2a00:1450:4001:800::200e"],
  ["64:ff9b::808:808"],
  ["::ffff:8.8.8.8"],
])("%s is public", (text) => {
  expect(classify(text)).toBe("public");
});

test("IPv4 inside of IPv6 is judged as IPv4, in every row", () => {
  for (const { kind, first, last } of rows.filter((row) => !row.first.includes(":"))) {
    for (const address of [first, last])
      for (const prefix of ["::ffff:", "64:ff9b::"]) expect(classify(prefix + address), prefix + address).toBe(kind);
  }
});

test("6to4, Teredo, IPv4-compatible and -translated addresses are refused, whatever is inside", () => {
  const texts = ["2002:808:808::1", "2001:0:808:808::1", "::8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b:1::808:808"];
  expect(texts.map(classify)).toEqual(texts.map(() => "translated"));
});

test("what is no address is none", () => {
  const texts = [
    "",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "010.0.0.1",
    "1.2.3.4.5",
    "fe80::1%eth0",
    "[::1]",
    "::1::",
    "1.2.3.4 ",
  ];
  expect(texts.map(parseIpAddress)).toEqual(texts.map(() => undefined));
});

test("however an address is written, it is the same number", () => {
  const same = ["::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0.0.0.1", "0::1", "::0:1"];
  expect(new Set(same.map((text) => parseIpAddress(text)!.value))).toEqual(new Set([1n]));
  expect(parseIpAddress("2001:DB8::a:0:0:1")!.value).toBe(0x20010db80000000000_0a00000000_0001n);
});

test.each([
  "10.0.0.1/8",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0.0/-1",
  "10.0.0.0/0x8",
  "::/129",
  "10/8",
  "x/8",
])("%s is no network", (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});

// Node's own list of networks is written by others and in another language.
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

test("belonging to a network is what Node says it is", () => {
  const isWithinForNode = (address: string, network: string, prefix: number, family: "ipv4" | "ipv6") => {
    const list = new BlockList();
    list.addSubnet(network, prefix, family);
    return list.check(address, family);
  };
  for (const [family, bits, addresses] of [
    ["ipv4", 32, ipv4],
    ["ipv6", 128, ipv6],
  ] as const) {
    fc.assert(
      fc.property(addresses, addresses, fc.integer({ min: 1, max: bits }), fc.boolean(), (one, other, prefix, near) => {
        const base = parseIpAddress(one)!;
        const kept = (base.value >> BigInt(bits - prefix)) << BigInt(bits - prefix);
        const address = near ? one : other;
        expect(isWithin(parseIpAddress(address)!, { bits: base.bits, value: kept, prefix })).toBe(
          isWithinForNode(address, one, prefix, family),
        );
      }),
      { numRuns: 500 },
    );
  }
});
