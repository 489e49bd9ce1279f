import { describe, expect, test } from "vitest";
import { readHeaders } from "./read-headers.ts";

const signature = "927be395171bc8fc691745e5c3a1388736f0a1a1f57eda4050d1a3e1f6cfe268";
const read = (...args: Parameters<typeof readHeaders>) => JSON.parse(readHeaders(...args));

test("what says something is kept", () => {
  const headers = {
    "content-type": "application/json",
    "user-agent": "Pendo/1.0",
    "x-request-id": "r-1",
    "x-forwarded-for": "10.0.0.1",
    traceparent: "00-abc",
    "x-author": "somebody",
    "x-list": ["a", "b"],
  };
  expect(read(headers)).toEqual(headers);
});

test("what says nothing is left", () => {
  expect(
    read({
      host: "plumbline.example",
      connection: "keep-alive",
      "content-length": "12",
      accept: "*/*",
      "accept-encoding": "gzip",
      "transfer-encoding": "chunked",
      "keep-alive": "timeout=5",
    }),
  ).toEqual({});
});

test.each([
  "authorization",
  "proxy-authorization",
  "x-forwarded-authorization",
  "x-auth-token",
  "x-auth-request-email",
  "cookie",
  "set-cookie",
  "x-api-key",
  "apikey",
  "x-pendo-integration-key",
  "x-access-token",
  "x-amz-security-token",
  "x-csrf-token",
  "x-client-secret",
  "x-session-id",
  "x-goog-iap-jwt-assertion",
  "x-user-password",
])("%s lets somebody in, and is never kept", (name) => {
  for (const how of ["without-signature", "with-signature"] as const)
    expect(read({ [name]: "hunter2", "x-other": "1" }, how)).toEqual({ "x-other": "1" });
});

describe("the signature", () => {
  test("has done its work when it was right, and is kept when it was not", () => {
    const headers = { "x-pendo-signature": signature, "user-agent": "Pendo" };
    expect(read(headers)).toEqual({ "user-agent": "Pendo" });
    expect(read(headers, "with-signature")).toEqual(headers);
  });

  test("is kept where the other headers are too long", () => {
    const headers = { "x-pendo-signature": signature, "content-type": "text/json", "x-long": "y".repeat(10_000) };
    expect(read(headers, "with-signature")).toEqual({
      "x-pendo-signature": signature,
      "content-type": "text/json",
      note: "further headers were too long to keep",
    });
  });
});

test("never takes more than a few thousand characters, whichever header is long", () => {
  for (const name of ["x-long", "content-type", "x-pendo-signature"])
    expect(readHeaders({ [name]: "y".repeat(16_000) }, "with-signature").length).toBeLessThanOrEqual(4_000);
});
