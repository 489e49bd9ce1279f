// Writes of the API while Plumbline is killed: whoever did not hear the answer sends the request again with its
// Idempotency-Key, and in the end each has had its effect exactly once.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createHome,
  type Home,
  type PlumblineProcess,
  runJsonCommand,
  startPlumbline,
} from "../support/plumbline-process.ts";

const rounds = 5;
const senders = 24;

let home: Home;
let plumbline: PlumblineProcess;
let key: string;
beforeAll(async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  const scopes = "read,write,admin";
  ({ key } = await runJsonCommand<{ key: string }>(home, "api-key", "create", "--name", "writer", "--scopes", scopes));
}, 120_000);
afterAll(async () => {
  await plumbline?.stop();
  home?.remove();
}, 60_000);

/** `apiKey`: whose the Idempotency-Key is; each round has its own, which keeps it below what one key may send in a minute. */
type Write = { name: string; apiKey: string; idempotencyKey: string };
type Answer = { status: number; replayed: boolean; id: string; key: string };

type AuditPage = { items: { after: { name: string } }[]; next: string | null };

/** Undefined: nobody knows what became of it. */
async function send({ name, apiKey, idempotencyKey }: Write, scopes = ["read"]): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${plumbline.url}/api/v1/api-keys`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
      },
      body: JSON.stringify({ name, scopes }),
      signal: AbortSignal.timeout(20_000),
    });
    const shown = (await response.json()) as { id: string; key: string };
    return { ...shown, status: response.status, replayed: response.headers.has("idempotency-replayed") };
  } catch {
    return undefined;
  }
}

/** Sends until it is answered: a claim of a process that was killed runs out after half a minute. */
async function settle(write: Write): Promise<Answer> {
  const until = Date.now() + 60_000;
  for (;;) {
    const answer = await send(write);
    if (answer?.status === 201) return answer;
    if (Date.now() > until) throw new Error(`${write.name} is not answered: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

test("a write that is sent until it is answered has its effect once, whenever Plumbline is killed", async () => {
  const writes: Write[] = [];
  const answered = new Map<string, Answer>();
  for (let round = 0; round < rounds; round += 1) {
    const maker = { name: `maker ${round}`, apiKey: key, idempotencyKey: randomUUID() };
    const { key: apiKey } = (await send(maker, ["read", "admin"]))!;
    const sendUntilKilled = async (sender: number) => {
      for (let count = 0; ; count += 1) {
        const write = { name: `write ${round}-${sender}-${count}`, apiKey, idempotencyKey: randomUUID() };
        writes.push(write);
        const answer = await send(write);
        if (answer?.status !== 201) return;
        answered.set(write.name, answer);
      }
    };
    const sending = Array.from({ length: senders }, (_, sender) => sendUntilKilled(sender));
    await new Promise((resolve) => setTimeout(resolve, 150 + 50 * round));
    await plumbline.kill();
    await Promise.all(sending);
    plumbline = await startPlumbline(home);
  }
  expect(answered.size).toBeGreaterThan(rounds);
  expect(answered.size).toBeLessThan(writes.length);

  const unanswered = writes.filter(({ name }) => !answered.has(name));
  await Promise.all(unanswered.map(settle));
  const settled: Answer[] = [];
  for (const write of writes) settled.push(await settle(write));
  for (const [place, { id, replayed }] of settled.entries()) {
    const first = answered.get(writes[place]!.name);
    if (first) expect([id, replayed]).toEqual([first.id, true]);
  }
  const keys = await runJsonCommand<{ id: string; name: string }[]>(home, "api-key", "list");
  const made = keys.filter(({ name }) => name.startsWith("write "));
  expect(made.map(({ name }) => name).sort()).toEqual(writes.map(({ name }) => name).sort());
  expect(made.map(({ id }) => id).sort()).toEqual(settled.map(({ id }) => id).sort());
  // What was done twice would also be noted twice.
  const noted: string[] = [];
  for (let from: string[] = []; ; ) {
    const words = ["--action", "api-key.made", "--by", "api-key", "--limit", "500", ...from];
    const page = await runJsonCommand<AuditPage>(home, "audit", "list", ...words);
    noted.push(...page.items.map(({ after }) => after.name).filter((name) => name.startsWith("write ")));
    if (page.next === null) break;
    from = ["--from", page.next];
  }
  expect(noted.sort()).toEqual(writes.map(({ name }) => name).sort());
}, 300_000);
