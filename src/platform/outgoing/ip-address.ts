// Internet addresses as numbers, so that every way of writing one compares alike.
import { isIPv4, isIPv6 } from "node:net";

export type IpAddress = { bits: 32 | 128; value: bigint };
/** All addresses whose first `prefix` bits are those of `value`. */
export type Network = IpAddress & { prefix: number };

/** Undefined for everything that is not plainly an address. One with a zone (`fe80::1%eth0`) is none. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { bits: 32, value: joinParts(text.split(".").map(BigInt), 8n) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // As the URL standard writes it: groups of hex digits, and at most one `::`.
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const [first, last] = [readGroups(head), readGroups(tail ?? "")];
  const middle = new Array<bigint>(8 - first.length - last.length).fill(0n);
  return { bits: 128, value: joinParts([...first, ...middle, ...last], 16n) };
}

const readGroups = (text: string) => (text === "" ? [] : text.split(":").map((group) => BigInt(`0x${group}`)));
const joinParts = (parts: readonly bigint[], width: bigint) =>
  parts.reduce((value, part) => (value << width) | part, 0n);

/** `10.0.0.0/8`, or a single address. Undefined where it is neither, or where bits behind the prefix are set. */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", prefixText, more] = text.split("/");
  const ip = parseIpAddress(address);
  if (!ip || more !== undefined || (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText))) return undefined;
  const prefix = prefixText === undefined ? ip.bits : Number(prefixText);
  if (prefix > ip.bits || ip.value & ((1n << BigInt(ip.bits - prefix)) - 1n)) return undefined;
  return { ...ip, prefix };
}

export function isWithin(ip: IpAddress, network: Network): boolean {
  const rest = BigInt(network.bits - network.prefix);
  return ip.bits === network.bits && ip.value >> rest === network.value >> rest;
}
