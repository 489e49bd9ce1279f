import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "./api/start-pendo-simulator.ts";
import { aggregate, createAsk, lastDays } from "./api/testing/ask.ts";
import { readOptions } from "./options.ts";
import { runSimulation } from "./run-simulation.ts";

const now = "2026-11-20T15:00:00Z";
const worldArguments = [
  "--seed",
  "7",
  "--now",
  now,
  "--days",
  "30",
  "--count",
  "6000",
  "--accounts",
  "60",
  "--visitors",
  "600",
];

type Body = any;
type Line = { body: string; event: string; isLost?: boolean; expect: Body };

let simulator: PendoSimulator;
let rows: { poll: Body[]; guide: Body[]; track: Body[]; page: Body[]; feature: Body[] };
let folder: string;
let lines: Line[];
let received: string[];
let summary: Awaited<ReturnType<typeof runSimulation>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "simulator-"));
  const outFile = join(folder, "deliveries.jsonl");
  received = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push(Buffer.concat(chunks).toString("utf8"));
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const options = readOptions([
    ...worldArguments,
    "--url",
    url,
    "--lose",
    "0.1",
    "--duplicates",
    "0.05",
    "--out",
    outFile,
  ]);
  summary = await runSimulation(options, () => {});
  receiver.close();
  receiver.closeAllConnections();
  lines = readFileSync(outFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

  const { seed, count, days, accounts, visitors, mix } = options;
  simulator = await startPendoSimulator({
    seed,
    count,
    now: options.now,
    days,
    accounts,
    visitors,
    mix,
    isClockRunning: false,
  });
  const ask = createAsk(simulator);
  rows = {
    poll: await aggregate(ask, [lastDays("pollEvents", 40)]),
    guide: await aggregate(ask, [lastDays("guideEvents", 40), { filter: 'type == "guideSeen"' }]),
    track: await aggregate(ask, [lastDays("trackEvents", 40)]),
    page: await aggregate(ask, [lastDays("pageEvents", 40)]),
    feature: await aggregate(ask, [lastDays("featureEvents", 40)]),
  };
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("what is lost is never sent, everything else is", () => {
  const lost = lines.filter(({ isLost }) => isLost);
  expect(lines).toHaveLength(6000);
  expect(lost.length).toBeGreaterThan(500);
  expect(lost.length).toBeLessThan(700);
  const sent = new Set(received);
  const isPing = ({ event }: Line) => event === "ping";
  for (const { body } of lost.filter((line) => !isPing(line))) expect(sent.has(body)).toBe(false);
  for (const { body } of lines.filter(({ isLost }) => !isLost)) expect(sent.has(body)).toBe(true);
  expect(summary).toMatchObject({ distinct: 6000, lost: lost.length, failed: 0, requests: received.length });
  expect(received.length).toBe(6000 - lost.length + summary.duplicates);
  expect(summary.duplicates).toBeGreaterThan(200);
});

test("what is expected is of what was sent, and beside it of everything", () => {
  const { expected, expectedWithLost } = summary;
  const answers = (list: readonly Line[]) => list.reduce((sum, line) => sum + (line.expect.polls?.length ?? 0), 0);
  expect(expected.pollAnswers).toBe(answers(lines.filter(({ isLost }) => !isLost)));
  expect(expectedWithLost!.pollAnswers).toBe(answers(lines));
  const responses = (list: readonly Line[]) => new Set(list.map((line) => line.expect.response).filter(Boolean)).size;
  expect(expectedWithLost!.npsResponses).toBe(responses(lines));
  expect(expected.npsResponses).toBe(responses(lines.filter(({ isLost }) => !isLost)));
  expect(expected.npsResponses).toBeLessThan(expectedWithLost!.npsResponses);
});

/** Who answered what when, of the webhooks' bodies, lost ones too. */
function listAnswers(): string[] {
  const polls = new Map(simulator.world.guides.flatMap((guide) => guide.polls.map((poll) => [poll.id, poll])));
  return lines.flatMap(({ body, event, expect: { polls: expected = [] } }) => {
    const { visitorId, accountId = "", properties, timestamp }: Body = JSON.parse(body);
    const name = (pollId: string, value: unknown) =>
      JSON.stringify([visitorId, accountId, properties.guideId, timestamp, pollId, value]);
    if (event === "pollSubmitted")
      return expected.map(({ pollId, answer }: Body) => name(pollId ?? findPoll(properties, answer), answer));
    if (event !== "npsSubmitted") return [];
    const [rating, reason] = simulator.world.guides.find(({ id }) => id === properties.guideId)!.polls;
    expect(polls.get(rating!.id)!.attributes.followUp).toBe(reason!.id);
    // A reason that comes later is an event without the score, which was an event before.
    const isLater =
      properties.guideStepId !== simulator.world.guides.find(({ id }) => id === properties.guideId)!.steps[0]!.id;
    return [
      ...(isLater ? [] : [name(rating!.id, properties.nps.rating)]),
      ...(properties.nps.reason ? [name(reason!.id, properties.nps.reason)] : []),
    ];
  });
}

/** Some bodies do not name the poll; the API does. */
function findPoll(properties: Body, answer: unknown): string {
  const { polls } = simulator.world.guides.find(({ id }) => id === properties.guideId)!;
  const candidates = polls.filter(({ numericResponses, idResponses }) =>
    numericResponses
      ? numericResponses.includes(answer as number)
      : idResponses
        ? String(answer) in idResponses
        : typeof answer === "string",
  );
  const row = rows.poll.find(
    (one) =>
      one.guideId === properties.guideId &&
      one.pollResponse === answer &&
      candidates.some(({ id }) => id === one.pollId),
  );
  return candidates.length === 1 ? candidates[0]!.id : row.pollId;
}

test("the API has exactly the answers that the webhooks told of, and those whose webhook was lost", () => {
  const ofApi = rows.poll.map(({ visitorId, accountId, guideId, browserTime, pollId, pollResponse }) =>
    JSON.stringify([visitorId, accountId, guideId, Math.floor(browserTime / 1000), pollId, pollResponse]),
  );
  const ofWebhooks = listAnswers();
  expect(ofApi.length).toBeGreaterThan(1000);
  expect(ofApi.toSorted()).toEqual(ofWebhooks.toSorted());
});

test("what was displayed, used and seen is the same too", () => {
  const bodiesOf = (...kinds: string[]): Body[] =>
    lines.filter(({ event }) => kinds.includes(event)).map(({ body }) => JSON.parse(body));
  const displayed = bodiesOf("guideDisplayed", "pollDisplayed", "npsDisplayed").map((body) =>
    JSON.stringify([
      body.visitorId ?? "",
      body.accountId ?? "",
      body.properties.guideId,
      body.properties.guideStepId,
      body.timestamp,
      body.app.id,
    ]),
  );
  const seen = rows.guide.map((row) =>
    JSON.stringify([
      row.visitorId,
      row.accountId,
      row.guideId,
      row.guideStepId,
      Math.floor(row.browserTime / 1000),
      row.appId,
    ]),
  );
  expect(seen.toSorted()).toEqual(displayed.toSorted());

  const nameOf = new Map(simulator.world.trackTypes.map(({ id, name }) => [id, name]));
  const count = (list: readonly (readonly [unknown[], number])[]) => {
    const sums = new Map<string, number>();
    for (const [key, number] of list) sums.set(JSON.stringify(key), (sums.get(JSON.stringify(key)) ?? 0) + number);
    return sums;
  };
  const countRows = (list: readonly Body[], nameThing: (row: Body) => unknown) =>
    count(list.map((row) => [[row.visitorId, row.accountId, row.appId, nameThing(row)], row.numEvents]));
  const countBodies = (kind: string, nameThing: (properties: Body) => unknown) =>
    count(
      bodiesOf(kind).map((body) => [
        [body.visitorId ?? "", body.accountId ?? "", body.app.id, nameThing(body.properties)],
        1,
      ]),
    );
  expect(countRows(rows.track, ({ trackTypeId }) => nameOf.get(trackTypeId))).toEqual(
    countBodies("trackEventReceived", ({ name }) => name),
  );
  expect(countRows(rows.page, ({ pageId }) => pageId)).toEqual(countBodies("pageLoaded", ({ pageId }) => pageId));
  expect(countRows(rows.feature, ({ featureId }) => featureId)).toEqual(
    countBodies("featureClicked", ({ featureId }) => featureId),
  );
});
