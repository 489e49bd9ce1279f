import { expect, test } from "vitest";
import { isAddressAllowed, isNameAllowed, parseAllowList } from "./allow-list.ts";
import { parseIpAddress } from "./ip-address.ts";

const { allowed, problems } = parseAllowList(
  " 10.0.0.0/8, 192.168.7.7,fd12:3456::/32,[fd99::1], CRM.internal,*.corp.example,, redis ",
);

test("networks, single addresses and names are read", () => {
  expect(problems).toEqual([]);
  expect(allowed.networks).toHaveLength(4);
  expect(allowed.names).toEqual(["crm.internal", ".corp.example", "redis"]);
});

test.each([
  ["10.255.0.1", true],
  ["11.0.0.1", false],
  ["::ffff:10.0.0.1", true],
  ["192.168.7.7", true],
  ["192.168.7.8", false],
  ["fd12:3456:1::1", true],
  ["fd12:3457::1", false],
  ["fd99::1", true],
  ["fd99::2", false],
])("%s: %s", (address, isAllowed) => {
  expect(isAddressAllowed(allowed, parseIpAddress(address)!)).toBe(isAllowed);
});

test.each([
  ["crm.internal", true],
  ["x.crm.internal", false],
  ["a.corp.example", true],
  ["a.b.corp.example", true],
  ["corp.example", false],
  ["evilcorp.example", false],
  ["redis", true],
])("%s: %s", (name, isAllowed) => {
  expect(isNameAllowed(allowed, name)).toBe(isAllowed);
});

test.each([
  ["169.254.169.254"],
  ["169.254.169.254/32"],
  ["169.254.0.0/16"],
  ["fd00:ec2::254"],
  ["100.100.100.200"],
  ["168.63.129.16"],
  ["fe80::/10"],
  ["0.0.0.0"],
  ["224.0.0.0/4"],
  ["255.255.255.255"],
  ["64:ff9b:1::/48"],
  ["2002::/16"],
])("%s can never be allowed", (entry) => {
  const read = parseAllowList(`${entry},10.0.0.1`);
  expect(read.problems).toEqual([expect.stringMatching(/can never be allowed/)]);
  expect(read.allowed.networks).toHaveLength(1);
});

test.each([
  ["10.0.0.1/8"],
  ["10.0.0.0/40"],
  ["127.1"],
  ["0x7f000001"],
  ["http://crm.internal"],
  ["crm.internal:8080"],
  ["crm..internal"],
  ["*"],
  ["-crm"],
  ["crm.*.internal"],
])("%s is neither", (entry) => {
  expect(parseAllowList(entry)).toEqual({
    allowed: { networks: [], names: [] },
    problems: [expect.stringMatching(/is neither/)],
  });
});

test("IPv4 is not written as IPv6", () => {
  expect(parseAllowList("::ffff:10.0.0.0/104").problems).toEqual([expect.stringMatching(/write it as IPv4/)]);
});
