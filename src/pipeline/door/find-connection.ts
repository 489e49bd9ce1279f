// Which connection an address belongs to. Only hashes are compared, so a wrong address that is nearly right takes as
// long as any other. Known ones are remembered for a short time; wrong ones never, but all that are asked for at the
// same moment share one query, so a flood of them costs the database one query at a time.
import { hash as hashAtOnce } from "node:crypto";
import type { DoorConnection } from "./connection-queries.ts";

export type FindConnection = {
  /** Undefined: no such address. Throws when the database cannot be asked. */
  find: (address: string) => DoorConnection | Promise<DoorConnection | undefined>;
  /** The same, but never from memory: for a signature that does not fit, because a secret may just have been changed. */
  findAnew: (address: string) => Promise<DoorConnection | undefined>;
  /** Something about connections has changed: forget what is remembered. */
  forget: () => void;
};

const rememberedFor = 5_000;

export function createFindConnection(
  lookUp: (hashes: readonly string[]) => Promise<Map<string, DoorConnection>>,
): FindConnection {
  let remembered = new Map<string, { connection: DoorConnection; until: number }>();
  let waiting = new Map<
    string,
    { resolve: (value: DoorConnection | undefined) => void; reject: (error: unknown) => void }[]
  >();
  let isAsking = false;

  async function ask(): Promise<void> {
    isAsking = true;
    while (waiting.size > 0) {
      const asked = waiting;
      waiting = new Map();
      const generation = remembered;
      try {
        const found = await lookUp([...asked.keys()]);
        const until = performance.now() + rememberedFor;
        for (const [hash, requests] of asked) {
          const connection = found.get(hash);
          // What was forgotten while the query ran may be old: it answers, but is not remembered.
          if (connection && generation === remembered) remembered.set(hash, { connection, until });
          for (const request of requests) request.resolve(connection);
        }
      } catch (error) {
        for (const requests of asked.values()) for (const request of requests) request.reject(error);
      }
    }
    isAsking = false;
  }

  function findByHash(hash: string): Promise<DoorConnection | undefined> {
    return new Promise((resolve, reject) => {
      const requests = waiting.get(hash);
      if (requests) requests.push({ resolve, reject });
      else waiting.set(hash, [{ resolve, reject }]);
      if (!isAsking) void ask();
    });
  }

  return {
    find(address) {
      const hash = hashAddress(address);
      const known = remembered.get(hash);
      if (known && known.until > performance.now()) return known.connection;
      return findByHash(hash);
    },
    findAnew: (address) => findByHash(hashAddress(address)),
    forget() {
      remembered = new Map();
    },
  };
}

function hashAddress(address: string): string {
  return hashAtOnce("sha256", address, "hex");
}
