import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DoorConnection } from "./connection-queries.ts";
import { createFindConnection } from "./find-connection.ts";

const hash = (address: string) => createHash("sha256").update(address).digest("hex");

/** A database of addresses that answers when it is told to, and remembers what it was asked. */
function createBook(addresses: Record<string, Partial<DoorConnection>>) {
  const asked: string[][] = [];
  const answers: { answer: () => void; fail: (error: Error) => void }[] = [];
  const lookUp = (hashes: readonly string[]) => {
    asked.push([...hashes]);
    return new Promise<Map<string, DoorConnection>>((resolve, reject) => {
      answers.push({
        answer() {
          const found = Object.entries(addresses).filter(([address]) => hashes.includes(hash(address)));
          resolve(new Map(found.map(([address, one]) => [hash(address), createConnection(one)])));
        },
        fail: reject,
      });
    });
  };
  return {
    lookUp,
    asked,
    addresses,
    answer: () => answers.shift()!.answer(),
    fail: () => answers.shift()!.fail(new Error("away")),
  };
}

function createConnection(given: Partial<DoorConnection>): DoorConnection {
  return {
    workspaceId: "w-1",
    connectionId: "c-1",
    kind: "pendo",
    filteredKinds: [],
    secrets: [],
    secretIds: [],
    ...given,
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("an address is asked for by its hash, and remembered for five seconds", async () => {
  const book = createBook({ here: { connectionId: "c-7" } });
  const { find } = createFindConnection(book.lookUp);
  const first = find("here");
  book.answer();
  expect(await first).toMatchObject({ connectionId: "c-7" });
  expect(book.asked).toEqual([[hash("here")]]);
  vi.advanceTimersByTime(4_999);
  expect(find("here")).toMatchObject({ connectionId: "c-7" });
  vi.advanceTimersByTime(1);
  const again = find("here");
  expect(again).toBeInstanceOf(Promise);
  book.answer();
  await again;
  expect(book.asked).toHaveLength(2);
});

test("a wrong address is never remembered; a right one that appears is found at once", async () => {
  const book = createBook({});
  const { find } = createFindConnection(book.lookUp);
  for (let count = 0; count < 2; count += 1) {
    const wrong = find("there");
    book.answer();
    expect(await wrong).toBeUndefined();
  }
  book.addresses.there = {};
  const right = find("there");
  book.answer();
  expect(await right).toBeDefined();
});

test("addresses are compared exactly", async () => {
  const book = createBook({ Here: {} });
  const { find } = createFindConnection(book.lookUp);
  for (const address of ["here", "Here ", "Her", "Heree", "", "__proto__"]) {
    const found = find(address);
    book.answer();
    expect(await found).toBeUndefined();
  }
});

test("all that come while a query runs share the next one", async () => {
  const book = createBook({ a: { connectionId: "c-a" }, b: { connectionId: "c-b" } });
  const { find } = createFindConnection(book.lookUp);
  const first = find("a");
  const flood = Array.from({ length: 1_000 }, (_, n) => find(`wrong ${n}`));
  const others = [find("b"), find("a"), find("b")];
  expect(book.asked).toHaveLength(1);
  book.answer();
  await first;
  expect(book.asked).toHaveLength(2);
  expect(book.asked[1]).toHaveLength(1_002);
  book.answer();
  expect(await Promise.all(others)).toMatchObject([
    { connectionId: "c-b" },
    { connectionId: "c-a" },
    { connectionId: "c-b" },
  ]);
  expect(new Set(await Promise.all(flood))).toEqual(new Set([undefined]));
});

test("a query that fails fails for those who waited for it, and the next one is asked again", async () => {
  const book = createBook({ a: {} });
  const { find } = createFindConnection(book.lookUp);
  const first = find("a");
  const waiting = [find("a"), find("b")] as const;
  book.fail();
  await expect(first).rejects.toThrow("away");
  expect(book.asked).toEqual([[hash("a")], [hash("a"), hash("b")]]);
  book.fail();
  for (const one of waiting) await expect(one).rejects.toThrow("away");
  const again = find("a");
  book.answer();
  expect(await again).toBeDefined();
});

test("to find anew asks always, and renews what is remembered", async () => {
  const book = createBook({ a: { secrets: ["old"] } });
  const { find, findAnew } = createFindConnection(book.lookUp);
  const first = find("a");
  book.answer();
  await first;
  book.addresses.a = { secrets: ["new"] };
  const fresh = findAnew("a");
  book.answer();
  expect(await fresh).toMatchObject({ secrets: ["new"] });
  expect(find("a")).toMatchObject({ secrets: ["new"] });
});

test("to forget takes effect at once, also for a query that runs already", async () => {
  const book = createBook({ a: { secrets: ["old"] } });
  const { find, forget } = createFindConnection(book.lookUp);
  const before = find("a");
  forget();
  book.answer();
  expect(await before).toMatchObject({ secrets: ["old"] });
  const after = find("a");
  expect(after).toBeInstanceOf(Promise);
  book.addresses.a = { secrets: ["new"] };
  book.answer();
  expect(await after).toMatchObject({ secrets: ["new"] });
});
