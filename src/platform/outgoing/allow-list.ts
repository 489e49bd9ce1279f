// What an administrator opens although it is not public: networks, and names wherever they lead.
import { type IpAddress, isWithin, type Network, parseNetwork } from "./ip-address.ts";
import { classifyIpAddress, mayBeAllowed, unwrapIpAddress } from "./special-addresses.ts";

export type AllowList = {
  networks: readonly Network[];
  /** In lower case. One that starts with a dot stands for all names below it. */
  names: readonly string[];
};

export const nothingAllowed: AllowList = { networks: [], names: [] };

const namePattern = /^(\*?\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Reads `10.0.0.0/8, crm.internal, *.corp.example`. Each problem is a sentence about one entry. */
export function parseAllowList(text: string): { allowed: AllowList; problems: string[] } {
  const networks: Network[] = [];
  const names: string[] = [];
  const problems: string[] = [];
  for (const entry of text.split(",").map((part) => part.trim().toLowerCase())) {
    const network = parseNetwork(entry.replace(/^\[(.*)\]$/, "$1"));
    const problem = network && findProblem(network);
    if (entry === "") continue;
    if (problem) problems.push(`"${entry}" ${problem}`);
    else if (network) networks.push(network);
    // What ends in a number is an address to browsers, and no name.
    else if (namePattern.test(entry) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(entry)) names.push(entry.replace(/^\*/, ""));
    else problems.push(`"${entry}" is neither an address, nor a network like 10.0.0.0/8, nor a name.`);
  }
  return { allowed: { networks, names }, problems };
}

function findProblem(network: Network): string | undefined {
  if (unwrapIpAddress(network) !== network) return "is IPv4 inside of IPv6: write it as IPv4.";
  const last = network.value | ((1n << BigInt(network.bits - network.prefix)) - 1n);
  const kinds = [network, { bits: network.bits, value: last }].map(classifyIpAddress);
  // A network with more than closed addresses in it (0.0.0.0/0) opens the others.
  if (kinds[0] === kinds[1] && !mayBeAllowed(kinds[0]!))
    return "can never be allowed: metadata of clouds, link-local addresses and what is no single place stay closed.";
  return undefined;
}

export function isNameAllowed({ names }: AllowList, name: string): boolean {
  return names.some((allowed) => (allowed.startsWith(".") ? name.endsWith(allowed) : name === allowed));
}

export function isAddressAllowed({ networks }: AllowList, ip: IpAddress): boolean {
  const meant = unwrapIpAddress(ip);
  return networks.some((network) => isWithin(meant, network));
}
