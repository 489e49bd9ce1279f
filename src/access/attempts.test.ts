import { expect, test } from "vitest";
import { createAttempts, TooManyAttemptsError } from "./attempts.ts";

const at = new Date("2026-03-01T12:00:00Z");

/** How many of so many addresses may try, each with another e-mail. */
function countTries(addresses: readonly string[]): number {
  const attempts = createAttempts(() => at);
  return addresses.filter((address, number) => {
    try {
      attempts.begin({ email: `${number}@acme.example`, address });
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(TooManyAttemptsError);
      return false;
    }
  }).length;
}
const hundred = (write: (number: number) => string) => Array.from({ length: 100 }, (_, number) => write(number));

test.each([
  ["one of IPv4", hundred(() => "1.2.3.4"), 50],
  ["a hundred of IPv4", hundred((n) => `1.2.3.${n}`), 100],
  ["a hundred of IPv4, as a socket for both kinds shows them", hundred((n) => `::ffff:1.2.3.${n}`), 100],
  ["a hundred of one network of IPv6", hundred((n) => `2001:db8:0:1::${n}`), 50],
  ["a hundred networks of IPv6", hundred((n) => `2001:db8:0:${n}::1`), 100],
])("from %s", (_what, addresses, most) => {
  expect(countTries(addresses)).toBe(most);
});

test("what is left of an address is told, until it is whole again", () => {
  let now = at;
  const attempts = createAttempts(() => now);
  const budget = { limit: 50, isSpent: false, remaining: 50, resetSeconds: 900 };
  expect(attempts.readBudget("1.2.3.4")).toEqual(budget);
  const succeed = attempts.begin({ email: "a@acme.example", address: "1.2.3.4" });
  attempts.begin({ email: "b@acme.example", address: "1.2.3.4" });
  now = new Date(at.getTime() + 100_000);
  expect(attempts.readBudget("1.2.3.4")).toEqual({ ...budget, remaining: 48, resetSeconds: 800 });
  succeed();
  expect(attempts.readBudget("1.2.3.4").remaining).toBe(49);
  now = new Date(at.getTime() + 900_000);
  expect(attempts.readBudget("1.2.3.4")).toEqual(budget);
});
