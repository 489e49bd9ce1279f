// What an address is for. Everything that a table of IANA's (the special-purpose registries of IPv4 and IPv6, state of
// October 2025, the multicast ranges and the deprecated ones) gives a purpose is no place that a stranger's URL may lead
// to, also where the table calls it globally reachable: nobody receives webhooks at an anycast relay.
import { type IpAddress, isWithin, type Network, parseNetwork } from "./ip-address.ts";

export type AddressKind =
  | "public"
  | "loopback"
  | "private"
  /** Between a provider and its customers (carrier-grade NAT). */
  | "shared"
  | "link-local"
  /** Where a cloud tells a machine its own secrets. */
  | "metadata"
  | "unspecified"
  | "multicast"
  | "broadcast"
  | "documentation"
  | "benchmarking"
  /** An IPv4 address in IPv6 clothes, by a way that could lead anywhere. */
  | "translated"
  | "reserved"
  /** Of this very machine. */
  | "own"
  /** Not an address at all. */
  | "unreadable";

/** No setting opens these: nothing that a person may want to call lives there. */
const neverAllowed: ReadonlySet<AddressKind> = new Set([
  "link-local",
  "metadata",
  "unspecified",
  "multicast",
  "broadcast",
  "translated",
  "unreadable",
]);

export const mayBeAllowed = (kind: AddressKind) => !neverAllowed.has(kind);

// Of several rows that hold an address, the one with the longest prefix counts.
const rows: readonly [network: string, kind: AddressKind][] = [
  // IPv4 Special-Purpose Address Registry
  ["0.0.0.0/8", "unspecified"],
  ["0.0.0.0/32", "unspecified"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "shared"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.0.0/29", "translated"],
  ["192.0.0.8/32", "reserved"],
  ["192.0.0.9/32", "reserved"],
  ["192.0.0.10/32", "reserved"],
  ["192.0.0.170/32", "translated"],
  ["192.0.0.171/32", "translated"],
  ["192.0.2.0/24", "documentation"],
  ["192.31.196.0/24", "reserved"],
  ["192.52.193.0/24", "reserved"],
  ["192.88.99.0/24", "translated"],
  ["192.88.99.2/32", "translated"],
  ["192.168.0.0/16", "private"],
  ["192.175.48.0/24", "reserved"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["240.0.0.0/4", "reserved"],
  ["255.255.255.255/32", "broadcast"],
  // IPv4 Multicast Address Space
  ["224.0.0.0/4", "multicast"],
  // IPv6 Special-Purpose Address Registry; ::ffff:0:0/96 and 64:ff9b::/96 are judged by the address in them, see below
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["64:ff9b:1::/48", "translated"],
  ["100::/64", "reserved"],
  ["100:0:0:1::/64", "reserved"],
  ["2001::/23", "reserved"],
  ["2001::/32", "translated"],
  ["2001:1::1/128", "reserved"],
  ["2001:1::2/128", "reserved"],
  ["2001:1::3/128", "reserved"],
  ["2001:2::/48", "benchmarking"],
  ["2001:3::/32", "reserved"],
  ["2001:4:112::/48", "reserved"],
  ["2001:10::/28", "reserved"],
  ["2001:20::/28", "reserved"],
  ["2001:30::/28", "reserved"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "translated"],
  ["2620:4f:8000::/48", "reserved"],
  ["3fff::/20", "documentation"],
  ["5f00::/16", "reserved"],
  ["fc00::/7", "private"],
  ["fe80::/10", "link-local"],
  // Deprecated or of IPv6's own address architecture: IPv4-compatible, IPv4-translated, site-local, multicast
  ["::/96", "translated"],
  ["::ffff:0:0:0/96", "translated"],
  ["fec0::/10", "private"],
  ["ff00::/8", "multicast"],
  // Metadata outside of what is link-local: AWS, Google, Alibaba, Oracle, Azure, Scaleway, Akamai. Those of AWS, Google,
  // Azure and others at 169.254.169.254 are link-local and closed with it.
  ["169.254.169.254/32", "metadata"],
  ["169.254.170.2/32", "metadata"],
  ["fd00:ec2::/32", "metadata"],
  ["fd20:ce::254/128", "metadata"],
  ["100.100.100.200/32", "metadata"],
  ["192.0.0.192/32", "metadata"],
  ["168.63.129.16/32", "metadata"],
  ["fd00:42::42/128", "metadata"],
  ["fd00:a9fe:a9fe::1/128", "metadata"],
];

type Special = { network: Network; kind: AddressKind };

const specials: readonly Special[] = rows
  .map(([text, kind]) => ({ network: getNetwork(text), kind }))
  .sort((one, other) => other.network.prefix - one.network.prefix);

/** What IPv6 has handed out so far. The rest has no owner, so that whoever answers there is somebody near. */
const assignedIpv6 = getNetwork("2000::/3");
/** IPv4-mapped; and the translation that networks without IPv4 reach the rest of the Internet by. */
const ipv4Inside = [getNetwork("::ffff:0:0/96"), getNetwork("64:ff9b::/96")];
/** 169.254.169.254 as the end of an IPv6 address: OpenStack, Oracle and Vultr have it, and so do translations by local prefixes. */
const metadataEnding = 0xa9fe_a9fen;

const low32 = (value: bigint) => value & 0xffff_ffffn;

/** The address that is really meant: the IPv4 one inside of an IPv6 one, where everybody agrees on how it is read. */
export function unwrapIpAddress(ip: IpAddress): IpAddress {
  return ipv4Inside.some((network) => isWithin(ip, network)) ? { bits: 32, value: low32(ip.value) } : ip;
}

export function classifyIpAddress(address: IpAddress): AddressKind {
  const ip = unwrapIpAddress(address);
  if (ip.bits === 128 && low32(ip.value) === metadataEnding) return "metadata";
  const special = specials.find(({ network }) => isWithin(ip, network));
  if (special) return special.kind;
  return ip.bits === 128 && !isWithin(ip, assignedIpv6) ? "reserved" : "public";
}

function getNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new Error(`"${text}" is no network: correct the table.`);
  return network;
}
