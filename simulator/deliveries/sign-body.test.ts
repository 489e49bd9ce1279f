import { expect, test } from "vitest";
import { signBody } from "./sign-body.ts";

test("signs the raw bytes with HMAC-SHA256 as lowercase hex", () => {
  const body =
    '{"app":{"id":-323232,"name":"test_application","platform":"web"},"accountId":"acme-1","subscription":{"id":4802463602049999,"name":"test_application"},"userAgent":"Mozilla/5.0","event":"npsSubmitted","properties":{"guideId":"FjHsQ7S8z0ircYxe3vO4GHawvwI","nps":{"rating":9,"reason":"Keep up the great work!","source":"web"}},"timestamp":1626804431,"visitorId":"user-1","uniqueId":"ccb0f95474ae8b630ede92f8f8dbac03cddfc1c3"}';
  expect(Buffer.byteLength(body)).toBe(422);
  expect(signBody(body, "not-a-real-secret")).toBe("927be395171bc8fc691745e5c3a1388736f0a1a1f57eda4050d1a3e1f6cfe268");
  expect(signBody(Buffer.from(`${body}\n`), "not-a-real-secret")).not.toBe(signBody(body, "not-a-real-secret"));
});
