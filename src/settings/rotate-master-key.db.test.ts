// A new master key takes over, in a database of its own: alone, interrupted, and two at a time.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { commandLine } from "../commands/command.ts";
import { readValidSecrets } from "../pipeline/door/connection-queries.ts";
import { integrationKeyPlace } from "../pipeline/facts.ts";
import { type MasterKeys, openMasterKeys } from "../platform/master-keys.ts";
import { createSecretBox, type SecretBox } from "../platform/secret-box.ts";
import { type CreatedConnection, createConnection, rotateConnection } from "./connections.ts";
import { setPendoAccess } from "./integration-keys.ts";
import { refuseWrongKey } from "./refuse-wrong-key.ts";
import { rotateMasterKey } from "./rotate-master-key.ts";
import { countSecretsByKey } from "./stored-key-queries.ts";

let database: TestDatabase;
let dataDir: string;
let connections: CreatedConnection[];

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  connections = [];
  const settings = settingsOf(createSecretBox(openFile()));
  for (const name of ["one", "two", "three"]) {
    const connection = await createConnection(settings, { name, secret: `secret of ${name}` });
    await setPendoAccess(settings, connection.id, { integrationKey: `key-of-${name}` });
    connections.push(connection);
  }
  // A second secret, and the first one on its way out.
  const anew = {
    connectionId: connections[0]!.id,
    address: false,
    secret: "newer",
    removeSecret: false,
    graceMinutes: 60,
  };
  await rotateConnection(settings, anew);
});
afterEach(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const openFile = () => openMasterKeys({ given: [], dataDir, log: silentLog });
const settingsOf = (secretBox: SecretBox) => ({
  database: database.pool,
  secretBox,
  publicUrl: "",
  clock: () => new Date(),
  author: commandLine,
});
const rotate = (ring: MasterKeys) =>
  rotateMasterKey({
    database: database.pool,
    secretBox: createSecretBox(ring),
    addKey: ring.addKey,
    author: commandLine,
    clock: () => new Date(),
  });
const countByKey = async () => Object.fromEntries(await countSecretsByKey(database.pool));

/** Every secret there is, as this box opens it. */
async function openAll(secretBox: SecretBox): Promise<string[]> {
  const opened: string[] = [];
  for (const { id, workspaceId } of connections) {
    const of = { workspaceId, connectionId: id };
    opened.push(...(await readValidSecrets(database.pool, secretBox, of, new Date())));
    const query = 'select key_id as "keyId", sealed from integration_keys where connection_id = $1';
    for (const row of (await database.pool.query(query, [id])).rows)
      opened.push(secretBox.open(row, integrationKeyPlace(workspaceId, id)));
  }
  return opened;
}

const everything = [
  "secret of one",
  "newer",
  "key-of-one",
  "secret of two",
  "key-of-two",
  "secret of three",
  "key-of-three",
];

test("everything is sealed with the new key, and a process that runs since before opens it", async () => {
  const running = createSecretBox(openFile());
  const [oldKey] = running.keyIds();
  const rotation = await rotate(openFile());
  expect(rotation).toMatchObject({ isNew: true, webhookSecrets: 4, integrationKeys: 3, addresses: 3, left: {} });
  expect(rotation.keyId).not.toBe(oldKey);
  expect(await countByKey()).toEqual({ [rotation.keyId]: 10 });
  expect(await openAll(running)).toEqual(everything);
  expect(await openAll(createSecretBox(openFile()))).toEqual(everything);
  await refuseWrongKey(database.pool, running, new Date());
  // What it seals from now on, it seals with the new key.
  await setPendoAccess(settingsOf(running), connections[0]!.id, { integrationKey: "key-of-one" });
  expect(await countByKey()).toEqual({ [rotation.keyId]: 10 });
});

test("the old key alone opens nothing any more, and what no secret is sealed with may go from the file", async () => {
  const [oldKey] = openFile().keys();
  await rotate(openFile());
  await expect(openAll(createSecretBox(oldKey!))).rejects.toThrow(/sealed with key/);
  expect(openFile().keys()).toHaveLength(2);
  expect(await openAll(createSecretBox(openFile().keys()[0]!))).toEqual(everything);
});

test("broken off between the file and the database, it is finished by the next, without a third key", async () => {
  const ring = openFile();
  const broken = rotateMasterKey({
    database: database.pool,
    secretBox: createSecretBox(ring),
    author: commandLine,
    clock: () => new Date(),
    addKey() {
      ring.addKey!();
      throw new Error("the power is cut");
    },
  });
  await expect(broken).rejects.toThrow("the power is cut");
  expect(openFile().keys()).toHaveLength(2);
  expect(await openAll(createSecretBox(openFile()))).toEqual(everything);
  const finished = await rotate(openFile());
  expect(finished).toMatchObject({ isNew: false, webhookSecrets: 4, integrationKeys: 3 });
  expect(openFile().keys()).toHaveLength(2);
  expect(await countByKey()).toEqual({ [finished.keyId]: 10 });
  expect(await rotate(openFile())).toMatchObject({ isNew: true, webhookSecrets: 4, integrationKeys: 3 });
});

test("several at a time lose neither a key nor a secret", async () => {
  const rotations = await Promise.all(Array.from({ length: 5 }, () => rotate(openFile())));
  expect(rotations.every(({ left }) => Object.keys(left).length === 0)).toBe(true);
  const { keyIds } = createSecretBox(openFile());
  for (const { keyId } of rotations) expect(keyIds()).toContain(keyId);
  expect(Object.keys(await countByKey())).toEqual([keyIds()[0]]);
  expect(await openAll(createSecretBox(openFile()))).toEqual(everything);
});

test("secrets that are replaced meanwhile stay as they were set", async () => {
  const settings = settingsOf(createSecretBox(openFile()));
  const [first] = connections;
  const setting = (async () => {
    for (let count = 0; count < 20; count += 1)
      await setPendoAccess(settings, first!.id, { integrationKey: `key-number-${count}` });
  })();
  for (let count = 0; count < 5; count += 1) await rotate(openFile());
  await setting;
  expect((await openAll(createSecretBox(openFile())))[2]).toBe("key-number-19");
});

test("what does not open is left as it is, counted, and keeps nobody else from the new key", async () => {
  await database.pool.query("update integration_keys set key_id = 'lost' where connection_id = $1", [
    connections[1]!.id,
  ]);
  await database.pool.query("update integration_keys set sealed = 'damaged' where connection_id = $1", [
    connections[2]!.id,
  ]);
  const [oldKey] = createSecretBox(openFile()).keyIds();
  const first = await rotate(openFile());
  expect(first).toMatchObject({ isNew: true, webhookSecrets: 4, integrationKeys: 1, left: { lost: 1, [oldKey!]: 1 } });
  expect(await rotate(openFile())).toMatchObject({ isNew: true, webhookSecrets: 4, integrationKeys: 1 });
});

test("given keys: says in steps what to do, then seals with the first one; nothing is written beside the data", async () => {
  const before = openFile().keys();
  const fresh = randomBytes(32);
  const given = (keys: readonly Buffer[]) => openMasterKeys({ given: keys, dataDir, log: silentLog });
  await expect(rotate(given(before))).rejects.toThrow(/PLUMBLINE_SECRET_KEY=<new>,<old>/);
  expect(await rotate(given([fresh, ...before]))).toMatchObject({
    isNew: false,
    webhookSecrets: 4,
    integrationKeys: 3,
  });
  expect(await openAll(createSecretBox(fresh))).toEqual(everything);
  await expect(rotate(given([fresh, ...before]))).rejects.toThrow(/PLUMBLINE_SECRET_KEY=<new>,<old>/);
  expect(readFileSync(join(dataDir, "secret-key"), "utf8")).toBe(`${before[0]!.toString("hex")}\n`);
});

test("with a key that opens nothing, Plumbline refuses to seal, and says how to get rid of what is lost", async () => {
  const stranger = createSecretBox(randomBytes(32));
  const refusal = refuseWrongKey(database.pool, stranger, new Date());
  await expect(refusal).rejects.toThrow(/secrets of one, three, two.*--remove-secret; .*--remove-integration-key/);
  const lone = {
    database: database.pool,
    secretBox: stranger,
    publicUrl: "",
    clock: () => new Date(),
    author: commandLine,
  };
  await expect(setPendoAccess(lone, connections[0]!.id, { integrationKey: "new-key" })).rejects.toThrow(
    /sealed with key/,
  );
  await database.pool.query("delete from connection_secrets");
  for (const { id } of connections) await setPendoAccess(lone, id, { integrationKey: null });
  await setPendoAccess(lone, connections[0]!.id, { integrationKey: "new-key" });
  await refuseWrongKey(database.pool, stranger, new Date());
});
