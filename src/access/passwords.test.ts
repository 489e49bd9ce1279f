import { expect, test } from "vitest";
import { createPasswords, refuseWeakPassword } from "./passwords.ts";

test.each([
  ["correct horse battery", true],
  ["ünïcödé-паролъ-密码", true],
  ["        x1", true],
  ["1234567", false],
  ["12345678", false],
  ["BASEBALL", false],
  ["aaaaaaaaaaaaaaaa", false],
  ["abababababab", false],
  ["Ada Lovelace", false],
  ["ada.lovelace1815!", false],
  ["plumbline123", false],
  ["x".repeat(257), false],
])("%s may be chosen: %s", (password, isGood) => {
  const fault = refuseWeakPassword(password, ["ada.lovelace@acme.example", "Ada Lovelace"]);
  expect(fault === undefined).toBe(isGood);
});

test("a password is right for its own hash only, and nobody's password is never right", async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash("four words nobody guesses");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.isRight("four words nobody guesses", hash)).toBe(true);
  expect(await passwords.isRight("Four words nobody guesses", hash)).toBe(false);
  expect(await passwords.isRight("four words nobody guesses", null)).toBe(false);
});

test("a flood waits in a bounded queue, the event loop goes on, and all that were let in are answered", async () => {
  const passwords = createPasswords();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 5);
  const results = await Promise.allSettled(Array.from({ length: 130 }, () => passwords.isRight("a guess", null)));
  clearInterval(timer);
  const refused = results.filter(({ status }) => status === "rejected");
  expect(results.length - refused.length).toBe(102);
  expect(refused).toHaveLength(28);
  expect(ticks).toBeGreaterThan(50);
  expect(await passwords.isRight("a guess", null)).toBe(false);
});
