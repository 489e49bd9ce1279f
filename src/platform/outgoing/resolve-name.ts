// Asks for the addresses of a name. Not through the machine's own look-up: that one takes threads that reading files and
// hashing passwords need as well, and cannot be stopped, so that a few names with silent name servers would stop both.
import { lookup, Resolver } from "node:dns/promises";

/** All addresses of a name; empty where there is none. Rejects when the name servers do not say. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

const noSuchName: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

/** `create` makes the resolver of one look-up, with the name servers of now. */
export function createResolveName(create: () => Resolver): ResolveName {
  return async (name) => {
    const resolver = create();
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    // Half an answer is enough: only the addresses in it are called.
    if (addresses.length > 0) return addresses;
    const failed = answers.find((answer) => answer.status === "rejected" && !noSuchName.has(answer.reason.code));
    if (failed?.status === "rejected") throw failed.reason;
    return [];
  };
}

export const resolveByNameServers = createResolveName(() => new Resolver({ timeout: 2_000, tries: 2 }));

/** With /etc/hosts and search domains. Only for names that an administrator allowed, which are few and nobody's trick. */
export const resolveAsThisMachine: ResolveName = async (name) => {
  try {
    return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
  } catch (error) {
    if (noSuchName.has((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
};
