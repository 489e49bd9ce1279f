import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../world/types.ts";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, createAsk } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
let simulator: PendoSimulator;
let ask: Ask;

beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now, days: 30, count: 3000, isClockRunning: false });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

test.each(["guide", "page", "feature", "tracktype"])(
  "%s: a bare list, of the default app unless asked for more",
  async (kind) => {
    const list = async (query: string) =>
      (await ask(`/api/v1/${kind}${query}`)).json as { id: string; appId: number }[];
    const appIdsOf = async (query: string) => new Set((await list(query)).map(({ appId }) => appId));
    const [first, second] = simulator.world.apps.map(({ id }) => id) as [number, number];
    expect(await appIdsOf("")).toEqual(new Set([first]));
    expect(await appIdsOf("?expand=*")).toEqual(new Set(simulator.world.apps.map(({ id }) => id)));
    expect(await appIdsOf(`?appId=${second}`)).toEqual(new Set([second]));
    expect((await ask(`/api/v1/${kind}?expand=*&appId=${second}`)).status).toBe(400);
    const [one, two] = (await list("?expand=*")).map(({ id }) => id);
    expect((await list(`?id=${two},${one}`)).map(({ id }) => id)).toEqual([two, one]);
    expect((await ask(`/api/v1/${kind}?id=${one},nobody`)).status).toBe(404);
    expect((await ask(`/api/v1/${kind}/${one}`)).status).toBe(404);
  },
);

test("guides carry their polls as they must be read", async () => {
  const { json: guides } = await ask("/api/v1/guide?expand=*&state=public");
  expect(guides).toHaveLength(simulator.world.guides.length);
  const nps = guides.find(({ name }: { name: string }) => name === "Quarterly NPS");
  expect(nps).toMatchObject({ kind: "Guide", state: "public", isMultiStep: true, appId: -323232 });
  const [rating, reason] = nps.polls;
  expect(rating).toMatchObject({
    attributes: { type: "NPSRating", followUp: reason.id },
    numericResponses: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  });
  expect(nps.steps.map(({ pollIds }: { pollIds: string[] }) => pollIds)).toEqual([[rating.id], [reason.id]]);
  const choices = guides
    .flatMap(({ polls }: { polls: Json[] }) => polls)
    .flatMap(({ idResponses }: any) => Object.values(idResponses ?? {}));
  expect(choices).toContainEqual({ text: "Customer Success" });
  expect(choices).toContain("2–10");
  // Deleted after it had been answered.
  expect(choices).not.toContainEqual({ text: "Other" });
  expect((await ask("/api/v1/guide?expand=*&state=draft")).json).toEqual([]);
});

test("segments are listed", async () => {
  expect((await ask("/api/v1/segment")).json).toContainEqual(
    expect.objectContaining({ id: "segment-of-admins", kind: "Segment" }),
  );
});

test("reports are listed, and have results only where the real API has them", async () => {
  const { json: reports } = await ask("/api/v1/report");
  expect(reports.length).toBeGreaterThan(10);
  for (const { id, kind, shared, type } of reports) {
    expect(kind).toBe("Report");
    if (simulator.reports.find(id)!.size > 10_000) continue;
    const expected = !shared ? 404 : /^(Visitor|Account) Report$/.test(type) ? 200 : 400;
    expect({ type, status: (await ask(`/api/v1/report/${id}/results.json`)).status }).toEqual({
      type,
      status: expected,
    });
  }
  expect((await ask("/api/v1/report/nobody/results.json")).status).toBe(404);
});

const find = (name: string) => simulator.reports.list().find((report) => report.name === name)!;
const read = async (name: string) => (await ask(`/api/v1/report/${find(name).id}/results.json`)).json;

test("every row is what the simulator says it is", async () => {
  for (const name of [
    "Account health",
    "Visitor activity",
    "Wide",
    "Mixed types",
    "Accounts in the CRM",
    "Größe · 会社 · 🙂",
    "Empty cells",
    "Ten thousand visitors",
  ])
    expect(await read(name)).toEqual([...simulator.reports.listRows(find(name))]);
  expect(await read("Nobody yet")).toEqual([]);
  expect(Object.keys((await read("Wide"))[0])).toHaveLength(301);
  expect((await read("Visitor activity"))[0].visitorId).toBe(simulator.world.visitors[0]!.id);
});

test("from version to version most rows stay, some change, some go and some come", async () => {
  const byId = async () =>
    new Map((await read("Ten thousand visitors")).map((row: any) => [row.visitorId, row])) as Map<string, any>;
  const report = find("Ten thousand visitors");
  const before = await byId();
  expect(await byId()).toEqual(before);
  expect((await ask(`/simulator/reports/${report.id}/advance`, { method: "POST" })).json).toEqual({ version: 2 });
  const after = await byId();
  const kept = [...before.keys()].filter((id) => after.has(id));
  const changed = kept.filter((id) => JSON.stringify(before.get(id)) !== JSON.stringify(after.get(id)));
  expect(before.size - kept.length).toBeGreaterThan(100);
  expect(before.size - kept.length).toBeLessThan(300);
  expect(after.size - kept.length).toBe(200);
  expect(changed.length / kept.length).toBeGreaterThan(0.15);
  expect(changed.length / kept.length).toBeLessThan(0.25);
  for (const id of kept) {
    expect(after.get(id).role).toBe(before.get(id).role);
    expect(after.get(id).accountId).toBe(before.get(id).accountId);
  }
});

test("with changing reports, every run is the next version", async () => {
  const changing = await startPendoSimulator({ seed: "7", now, count: 100, areReportsChanging: true });
  const report = changing.reports.list().find(({ name }) => name === "Ten thousand visitors")!;
  const runs = [];
  for (let run = 0; run < 3; run += 1)
    runs.push((await createAsk(changing)(`/api/v1/report/${report.id}/results.json`)).text);
  expect(new Set(runs).size).toBe(3);
  expect(changing.reports.versionOf(report)).toBe(4);
  await changing.stop();
});

test("ids come twice where they should, with different values", async () => {
  const rows = (await read("Every account twice")) as { accountId: string; numEvents: number }[];
  expect(new Set(rows.map(({ accountId }) => accountId)).size).toBe(rows.length / 2);
  const [first, second] = rows;
  expect(first!.accountId).toBe(second!.accountId);
  expect(first!.numEvents).not.toBe(second!.numEvents);
});

test("an id may be another system's", async () => {
  for (const { accountId, account_custom_crm_id: crmId } of await read("Accounts in the CRM"))
    expect(crmId).toBe(simulator.people.findMetadata("account", accountId)?.custom?.crm_id ?? null);
});

test("CSV has the same cells as JSON", async () => {
  for (const name of ["Größe · 会社 · 🙂", "Empty cells", "Mixed types"]) {
    const report = find(name);
    const { text, headers } = await ask(`/api/v1/report/${report.id}/results.csv`);
    expect(headers.get("content-type")).toContain("text/csv");
    const [names, ...lines] = parseCsv(text);
    expect(names).toEqual(report.columns.map(({ field }) => field));
    const write = (value: Json | undefined) =>
      value == null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    expect(lines).toEqual(
      [...simulator.reports.listRows(report)].map((row) => names!.map((field) => write(row[field]))),
    );
  }
});

/** RFC 4180, read again by other means than it was written. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.matchAll(/((?:"(?:[^"]|"")*"|[^"\r\n])*)\r\n/g)) {
    const cells = `${line[1]},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/g);
    rows.push(Array.from(cells, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ""));
  }
  return rows;
}

test("a hundred thousand rows come whole", async () => {
  const { id } = find("A hundred thousand visitors");
  const { json, headers } = await ask(`/api/v1/report/${id}/results.json`);
  expect(headers.get("content-length")).toBe(null);
  expect(json).toHaveLength(100_000);
  expect(new Set(json.map(({ visitorId }: { visitorId: string }) => visitorId)).size).toBe(100_000);
});
