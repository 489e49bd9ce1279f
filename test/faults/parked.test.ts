// B1, C6: parked is not lost. What waits for its records outlives the process, and is recorded once they are there.
import { expect, onTestFinished, test } from "vitest";
import {
  createHome,
  createTestConnection,
  readLedgerOf,
  runCommand,
  settle,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { sendDelivery } from "../support/sender.ts";
import { createMarkedDelivery } from "./support/deliveries.ts";
import { compareEffects, readEffects } from "./support/effects.ts";
import { checkLedger } from "./support/finish-run.ts";
import { connectDirectly } from "./support/postgres-processes.ts";
import { awaitWorkedOff } from "./support/two-doors.ts";

const secret = "parked-secret";

test("parked deliveries outlive a kill, and each is recorded once when its records are there", async () => {
  const home = createHome();
  onTestFinished(home.remove);
  const first = await startPlumbline(home);
  onTestFinished(first.kill);
  const db = connectDirectly(home.dataDir);
  const linking = await createTestConnection(home, secret);
  await runCommand(home, "connection", "set", linking.id, "--missing", "link");
  const deliveries = Array.from({ length: 60 }, (_, index) => createMarkedDelivery("parked", index));
  for (const { body } of deliveries)
    expect((await sendDelivery(first.url + linking.path, body, { secret })).status).toBe(200);
  await awaitWorkedOff(db);
  await first.kill();
  await db.end();

  const second = await startPlumbline(home);
  onTestFinished(async () => void (await second.stop()));
  const again = connectDirectly(home.dataDir);
  onTestFinished(() => again.end());
  expect(await readLedgerOf(home)).toMatchObject({ received: 60, parked: 60, difference: 0 });
  const { rows } = await again.query(
    "select count(*) as n from deliveries where state = 'parked' and reason is not null and try_at > now()",
  );
  expect(rows).toEqual([{ n: 60 }]);

  // The same people come through a connection that makes records.
  const creating = await createTestConnection(home, secret);
  const people = deliveries.map(({ body }, index) => ({
    ...JSON.parse(body.toString()),
    app: { id: `people-${index}` },
    event: "visitorCreated",
    uniqueId: `people-${index}`,
  }));
  for (const person of people)
    expect((await sendDelivery(second.url + creating.path, JSON.stringify(person), { secret })).status).toBe(200);
  await awaitWorkedOff(again);
  await runCommand(home, "replay", "--state", "parked");
  const ledger = await settle(home);
  expect(checkLedger(ledger)).toEqual([]);
  expect(ledger).toMatchObject({ received: 120, recorded: 120 });
  const effects = [...(await readEffects(again))].filter(([marker]) => !marker.startsWith("people-"));
  expect(compareEffects(deliveries, new Map(effects))).toEqual([]);
});
