import { expect, test } from "vitest";
import { signBody } from "../deliveries/sign-body.ts";
import { createRequest } from "./create-request.ts";

const url = new URL("http://127.0.0.1:8080/hooks/pendo/abc?x=1");

test("carries the body's bytes, their length and their signature", () => {
  const body = '{"name":"Größe 🚀"}';
  const [head = "", sent] = createRequest(url, "secret", body).toString().split("\r\n\r\n");
  expect(sent).toBe(body);
  expect(head.split("\r\n")).toEqual([
    "POST /hooks/pendo/abc?x=1 HTTP/1.1",
    "Host: 127.0.0.1:8080",
    "Connection: keep-alive",
    "User-Agent: pendo-simulator",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Pendo-Signature: ${signBody(body, "secret")}`,
  ]);
});

test("is not signed without a secret", () => {
  expect(createRequest(url, undefined, "{}").toString()).not.toContain("X-Pendo-Signature");
});
