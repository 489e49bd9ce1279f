// Where a request comes from, through proxies and past them.
import { expect, test } from "vitest";
import { silentLog } from "../../test/support/test-database.ts";
import { readConfig } from "./config.ts";
import { createHttpServer } from "./http-server.ts";

async function ask(trusted: string, from: string, forwardedFor?: string): Promise<string> {
  const { trustedProxies } = readConfig({ TRUST_PROXY: trusted });
  const { app } = createHttpServer({ log: silentLog, bare: {}, describeError: () => undefined, trustedProxies });
  app.get("/", async (request) => ({ ip: request.ip }));
  const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  const answer = await app.inject({ url: "/", remoteAddress: from, headers });
  await app.close();
  return answer.json().ip;
}

test.each([
  ["without the setting nobody is believed", "", "10.0.0.5", "1.2.3.4", "10.0.0.5"],
  ["a stranger is not believed", "10.0.0.5", "5.6.7.8", "1.2.3.4", "5.6.7.8"],
  ["a proxy is", "10.0.0.5", "10.0.0.5", "1.2.3.4", "1.2.3.4"],
  ["a proxy of a network is", "10.0.0.0/8", "10.9.9.9", "1.2.3.4", "1.2.3.4"],
  ["on a socket for both kinds, too", "10.0.0.0/8", "::ffff:10.9.9.9", "1.2.3.4", "1.2.3.4"],
  ["what a stranger told the proxy is not", "10.0.0.5", "10.0.0.5", "9.9.9.9, 1.2.3.4", "1.2.3.4"],
  ["two proxies in a row", "10.0.0.0/8, 192.168.0.1", "10.0.0.5", "9.9.9.9, 1.2.3.4, 192.168.0.1", "1.2.3.4"],
  ["IPv6", "fd00::/8", "fd00::1", "2001:db8::7", "2001:db8::7"],
  ["an address that only looks like the proxy's", "127.0.0.1", "64:ff9b::7f00:1", "1.2.3.4", "64:ff9b::7f00:1"],
  ["a proxy that says the port, too", "10.0.0.5", "10.0.0.5", "1.2.3.4:5678", "1.2.3.4"],
  ["IPv6 and its port", "fd00::/8", "fd00::1", "[2001:db8::7]:443", "2001:db8::7"],
  ["ports of two proxies", "10.0.0.0/8", "10.0.0.5", "9.9.9.9:1, [2001:db8::7], 10.0.0.6:80", "2001:db8::7"],
  ["a proxy that says nothing", "10.0.0.5", "10.0.0.5", undefined, "10.0.0.5"],
])("%s", async (_name, trusted, from, forwardedFor, address) => {
  expect(await ask(trusted, from, forwardedFor)).toBe(address);
});

test.each(["everybody", "0.0.0.0/0", "::/0", "10.0.0.1/8", "1", "true", "loopback"])(
  "TRUST_PROXY=%s is refused",
  (trusted) => {
    expect(() => readConfig({ TRUST_PROXY: `127.0.0.1,${trusted}` })).toThrow(`TRUST_PROXY: "${trusted}" is neither`);
  },
);
