// The integration key on the command line: set, tested, taken away, and never shown again.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import {
  createHome,
  createTestConnection,
  type Home,
  runJsonCommand,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { type Ran, runPlumbline } from "../support/run-plumbline.ts";

const key = "5a0e-a-key-that-is-not-shown-d00d";
let home: Home;
let simulator: PendoSimulator;
let connection: TestConnection;
const said: string[] = [];

beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", count: 50, integrationKey: key });
  home = createHome({ PENDO_API_BASE_URL: `${simulator.url}/api/v1` });
  connection = await createTestConnection(home);
});
afterAll(async () => {
  // In no answer and no message, not even of a mistake.
  expect(said.join("\n")).not.toContain(key);
  await simulator.stop();
  home.remove();
});

async function run(words: readonly string[], input?: string): Promise<Ran> {
  const ran = await runPlumbline(home, words, input === undefined ? {} : { input });
  said.push(ran.stdout, ran.stderr);
  return ran;
}

const set = (...words: string[]) => ["connection", "set", connection.id, ...words];
const readOne = async () => (await runJsonCommand<Record<string, unknown>[]>(home, "connection", "list"))[0]!;

test("a key is set from the option, a file or standard input, and only its end is shown", async () => {
  expect(await readOne()).toMatchObject({ region: "us", integrationKey: null });
  const { code, stdout } = await run([...set("--integration-key", ` "${key}" `), "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    id: connection.id,
    integrationKey: {
      key: "…d00d",
      state: "untested",
      mayWrite: null,
      testedAt: null,
      setAt: expect.stringMatching(/Z$/),
    },
  });
  const fromInput = await run(set("--integration-key-file", "-", "--region", "eu"), `${key}\n`);
  expect(fromInput.stdout).toMatch(/eu +…d00d \(untested\)/);
  expect(fromInput.stdout).toContain(`plumbline connection test ${connection.id}`);
  expect(await readOne()).toMatchObject({ region: "eu", integrationKey: { key: "…d00d" } });
});

test("the test asks Pendo, and its outcome stays until the key or the region changes", async () => {
  await run(set("--integration-key", key, "--region", "us"));
  const { code, stdout } = await run(["connection", "test", connection.id, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    id: connection.id,
    state: "valid",
    mayWrite: false,
    region: "us",
    rightRegion: null,
    integrationKey: {
      key: "…d00d",
      state: "valid",
      mayWrite: false,
      testedAt: expect.any(String),
      setAt: expect.any(String),
    },
    message: "Pendo takes the key.",
  });
  expect(await readOne()).toMatchObject({ integrationKey: { state: "valid" } });
  await run(set("--region", "au"));
  expect(await readOne()).toMatchObject({ region: "au", integrationKey: { state: "untested" } });
});

test("a key of another region is advised about when it is set, and told when it is tested", async () => {
  const { stdout } = await run(set("--integration-key", `${key}.jpn`, "--region", "us"));
  expect(stdout).toContain("--region jpn");
  const tested = await run(["connection", "test", connection.id]);
  expect(tested).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^wrong-region: .*Japan.*change the region to jpn/),
  });
  expect(tested.stderr).toContain("PENDO_API_BASE_URL is set");
});

test("without a key there is nothing to test; what is no key, no region, or nothing at all is refused", async () => {
  expect((await run(set("--remove-integration-key", "--json"))).stdout).toContain('"integrationKey":null');
  const untestable = await run(["connection", "test", connection.id, "--json"]);
  expect(untestable).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("has no integration key") });
  for (const [words, message] of [
    [["--integration-key", `${key} and more`], "This is no integration key"],
    [["--integration-key", ""], "The integration key is empty"],
    [["--integration-key", key, "--remove-integration-key"], "cannot be used with"],
    [["--integration-key-file", "/nowhere/key"], "could not be read from /nowhere/key"],
    [["--region", "app.pendo.io"], "Allowed choices are us, us1, eu, jpn, au"],
    [[], "There is nothing to change"],
  ] as const)
    expect(await run(set(...words))).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  expect(await readOne()).toMatchObject({ integrationKey: null });
});
