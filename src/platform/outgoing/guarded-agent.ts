// Opens connections for requests to addresses that a person typed, and only to places that are open to everybody. A name
// is resolved once per connection, all its addresses are judged, and the connection goes to one of those: no second
// look-up that could answer differently. A connection that is used again leads where it was judged to lead.

import { isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { Agent, buildConnector } from "undici";
import type { Log } from "../log.ts";
import { type AllowList, isAddressAllowed, isNameAllowed, nothingAllowed } from "./allow-list.ts";
import { type IpAddress, parseIpAddress } from "./ip-address.ts";
import { OutgoingError } from "./outgoing-error.ts";
import { checkName, hostOf, type IsPortAllowed, isUsualPort, readPort } from "./read-outgoing-url.ts";
import { type ResolveName, resolveAsThisMachine, resolveByNameServers } from "./resolve-name.ts";
import { type AddressKind, classifyIpAddress, mayBeAllowed, unwrapIpAddress } from "./special-addresses.ts";

export type GuardOptions = {
  log: Log;
  /** What an administrator opened. */
  allowed?: AllowList | undefined;
  /** For tests: instead of the machine's name servers. */
  resolve?: ResolveName | undefined;
  isPortAllowed?: IsPortAllowed | undefined;
  /** For tests: instead of those of the machine's interfaces. */
  listOwnAddresses?: (() => readonly string[]) | undefined;
  /** Milliseconds until a name must have its addresses. */
  resolveMs?: number | undefined;
  /** Milliseconds until a connection must stand, TLS included. */
  connectMs?: number | undefined;
  /** To one origin at once. */
  connections?: number | undefined;
};

type Target = Pick<buildConnector.Options, "hostname" | "protocol" | "port">;

/** For undici's requests. A connection that is refused rejects them with an OutgoingError. */
export function createGuardedAgent(options: GuardOptions): Agent {
  const { connectMs = 10_000, connections = 8 } = options;
  const guard = createGuard(options);
  return new Agent({
    connections,
    maxHeaderSize: 16 * 1024,
    connect(target, callback) {
      guard
        .findAddresses(target)
        .then((addresses) => {
          const connect = buildConnector({
            timeout: connectMs,
            lookup: createPinnedLookup(addresses),
            autoSelectFamily: true,
            autoSelectFamilyAttemptTimeout: 1_000,
            maxCachedSessions: 0,
            allowH2: false,
          });
          connect(target, callback);
        })
        .catch((error: Error) => callback(error, null));
    },
  });
}

type Guard = {
  /** Addresses that may be connected to, all of them judged. Rejects with an OutgoingError. */
  findAddresses: (target: Target) => Promise<readonly string[]>;
};

function createGuard(options: GuardOptions): Guard {
  const { log, allowed = nothingAllowed, isPortAllowed = isUsualPort, resolveMs = 10_000 } = options;
  const listOwnAddresses = options.listOwnAddresses ?? listAddressesOfInterfaces;

  function resolve(name: string): Promise<readonly string[]> {
    const ask = options.resolve ?? (isNameAllowed(allowed, name) ? resolveAsThisMachine : resolveByNameServers);
    return withinTime(ask(name), resolveMs);
  }

  function judge(address: string, isOpenName: boolean, own: readonly IpAddress[]): AddressKind {
    const ip = parseIpAddress(address);
    if (!ip) return "unreadable";
    const kind = classifyIpAddress(ip);
    const found = kind === "public" && own.some((one) => isSame(one, unwrapIpAddress(ip))) ? "own" : kind;
    if (found === "public" || !mayBeAllowed(found)) return found;
    return isOpenName || isAddressAllowed(allowed, ip) ? "public" : found;
  }

  return {
    async findAddresses(target) {
      const host = hostOf(target.hostname).replace(/\.$/, "");
      const port = readPort(target);
      if (!isPortAllowed(port)) throw new OutgoingError("address-invalid", `Port ${port} is not called.`);
      const isName = isIP(host) === 0;
      if (isName) checkName(host);
      const addresses = isName ? await findNamed(host, resolve) : [host];
      const own = listOwnAddresses().flatMap((address) => parseIpAddress(address) ?? []);
      const isOpenName = isName && isNameAllowed(allowed, host);
      // One that is refused refuses all: whoever mixes them wants us to take the wrong one.
      const kind = addresses.map((address) => judge(address, isOpenName, own)).find((one) => one !== "public");
      if (kind === undefined) return addresses;
      log.warn({ host, port, kind }, "an outgoing request was refused: its address is not public");
      throw refused(kind);
    },
  };
}

const isSame = (one: IpAddress, other: IpAddress) => one.bits === other.bits && one.value === other.value;

async function findNamed(name: string, resolve: ResolveName): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await resolve(name);
  } catch (error) {
    throw new OutgoingError("name-not-resolved", "The name servers did not say where the host is: try again later.", {
      cause: error,
    });
  }
  if (addresses.length === 0)
    throw new OutgoingError("name-not-found", "There is no host of this name: check how it is spelled.");
  return addresses;
}

function refused(kind: AddressKind): OutgoingError {
  const what = kind === "metadata" ? "to where a cloud keeps its secrets" : "into a network that is not public";
  const cure = mayBeAllowed(kind)
    ? "give a public address, or have an administrator allow this one (OUTGOING_ALLOW)"
    : "give a public address";
  return new OutgoingError("address-refused", `The address leads ${what}: ${cure}.`, { kind });
}

/** Answers with what was judged, whatever is asked for. */
function createPinnedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, options, callback) => {
    if (options.all) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };
}

/** What is called at one of these would not pass the machine's own firewall. */
function listAddressesOfInterfaces(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
}

async function withinTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
