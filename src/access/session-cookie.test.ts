import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { createSessionCookie } from "./session-cookie.ts";

const request = (headers: Record<string, string>) => ({ headers }) as unknown as FastifyRequest;

test("over HTTPS the cookie is __Host-, Secure, HttpOnly, Lax", () => {
  const cookie = createSessionCookie("https://plumbline.example");
  const attributes = "Path=/; HttpOnly; SameSite=Lax; Secure";
  expect(cookie.write(request({ host: "inner:4000" }), "abc")).toBe(
    `__Host-plumbline=abc; ${attributes}; Max-Age=7776000`,
  );
  expect(cookie.clear()).toBe(`__Host-plumbline=; ${attributes}; Max-Age=0`);
  expect(cookie.read(request({ cookie: "plumbline=insecure; x=y" }))).toBeUndefined();
  expect(cookie.read(request({ cookie: "x=y; __Host-plumbline=abc" }))).toBe("abc");
});

test.each([
  ["http://127.0.0.1:4000", "127.0.0.1:4000", true],
  ["http://localhost:4000", "localhost:4000", true],
  ["http://[::1]:4000", "[::1]:4000", true],
  ["http://127.0.0.1:4000", "192.168.1.5:4000", false],
  ["http://192.168.1.5:4000", "192.168.1.5:4000", false],
  ["http://localhost.evil.example", "localhost.evil.example", false],
  ["http://plumbline.example", "127.0.0.1:4000", false],
])("%s asked as %s: a cookie over plain HTTP is given: %s", (publicUrl, host, isGiven) => {
  const write = () => createSessionCookie(publicUrl).write(request({ host }), "abc");
  if (isGiven) expect(write()).toBe("plumbline=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000");
  else expect(write).toThrow("over HTTPS only");
});
