// One visitor or account by id, by metadata, and what a visitor did on a day.
import type { JsonObject } from "../../world/types.ts";
import { answerJson } from "../http/answer.ts";
import type { Route } from "../http/find-route.ts";
import { type EventLog, sliceTimes } from "../records/event-log.ts";
import { nameServer } from "../records/event-rows.ts";
import { type People, type PersonKind, readField } from "../records/people.ts";
import { Refusal } from "../refusal.ts";

type Parts = { people: People; readLog: () => EventLog; visibleUntil: () => number; now: () => number };

const day = 24 * 3_600_000;
const oldestHistory = 180 * day;

export function createPeopleRoutes(parts: Parts): Route[] {
  const { people } = parts;
  const byId = (kind: PersonKind): Route => ({
    method: "GET",
    path: `/api/v1/${kind}/:id`,
    answer: ({ parameters }) => {
      const found = people.find(kind, parameters.id!);
      if (!found) throw new Refusal(404, `${kind} not found`);
      return answerJson(found);
    },
  });
  const byMetadata = (kind: PersonKind): Route => ({
    method: "GET",
    path: `/api/v1/${kind}/metadata/:group/:field/:value`,
    answer: ({ parameters }) =>
      answerJson(findByMetadata(people, kind, parameters.group!, parameters.field!, parameters.value!)),
  });
  return [
    byId("visitor"),
    byId("account"),
    byMetadata("visitor"),
    byMetadata("account"),
    {
      method: "GET",
      path: "/api/v1/visitor/:id/history",
      answer: ({ parameters, query }) => {
        const from = readStart(query.get("starttime"), parts.now());
        if (!people.has("visitor", parameters.id!)) throw new Refusal(404, "visitor not found");
        return answerJson(listHistory(parts, parameters.id!, from));
      },
    },
  ];
}

/** `_lc_` before a field's name compares in lower case. */
function findByMetadata(people: People, kind: PersonKind, group: string, field: string, value: string): JsonObject[] {
  const isLowered = field.startsWith("_lc_");
  const name = isLowered ? field.slice("_lc_".length) : field;
  const fold = (text: string) => (isLowered ? text.toLowerCase() : text);
  const found: JsonObject[] = [];
  for (const id of people.list(kind)) {
    const actual = readField(people.findMetadata(kind, id)!, group, name);
    if (actual === null || typeof actual === "object" || fold(String(actual)) !== fold(value)) continue;
    found.push(people.find(kind, id)!);
  }
  return found;
}

function readStart(text: string | null, now: number): number {
  const from = text === null || !/^\d+$/.test(text) ? Number.NaN : Number(text);
  if (!(from >= now - oldestHistory - day && from <= now))
    throw new Refusal(422, "starttime must be in epoch milliseconds, of the last 180 days");
  return from;
}

/** What happened within 24 hours from then on. */
function listHistory({ readLog, visibleUntil }: Parts, id: string, from: number): JsonObject[] {
  const log = readLog();
  const to = Math.min(from + day, visibleUntil());
  const ofVisitor = <T extends { time: number; visitorId: string }>(list: readonly T[]) =>
    sliceTimes(list, from, to).filter(({ visitorId }) => visitorId === id);
  const events = [
    ...ofVisitor(log.uses).map((use) => ({
      ...describe(use),
      type: use.kind,
      [`${use.kind === "track" ? "trackType" : use.kind}Id`]: use.id,
    })),
    ...ofVisitor(log.guideActions).map((action) => ({
      ...describe(action),
      type: action.type,
      guideId: action.guide.id,
      guideStepId: action.step.id,
    })),
    ...ofVisitor(log.pollAnswers).map((answer) => ({
      ...describe(answer),
      type: "pollResponse",
      guideId: answer.guide.id,
      guideStepId: answer.step.id,
    })),
  ];
  return events.sort((a, b) => a.ts - b.ts);
}

function describe({ time, app }: { time: number; app: { id: number; platform: string } }) {
  return { ts: time, lastTs: time, duration: 0, appId: app.id, uri: `https://${nameServer(app.platform)}/` };
}
