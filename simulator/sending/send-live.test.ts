import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../bin/simulate.mjs", import.meta.url));

test("--live sends what happens from now on, none of it before it has happened", async () => {
  const received: { at: number; timestamp: number }[] = [];
  const receiver = createServer(async (request, response) => {
    const at = Date.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ at, timestamp: JSON.parse(Buffer.concat(chunks).toString()).timestamp * 1000 });
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const child = spawn(process.execPath, [
    program,
    ...["--live", "4s", "--days", "30", "--count", "30", "--kinds", "trackEventReceived", "--url", url],
  ]);
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  receiver.close();
  expect(received).toHaveLength(30);
  for (const { at, timestamp } of received) expect(at).toBeGreaterThanOrEqual(timestamp);
  expect(received.at(-1)!.at - received[0]!.at).toBeGreaterThan(1_000);
}, 30_000);
