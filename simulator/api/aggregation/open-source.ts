// Where rows come from. Without `appId`, only the default app; events are as late as the simulator's lag says.
import type { App, Json, JsonObject } from "../../world/types.ts";
import type { Catalogue } from "../records/catalogue.ts";
import { type EventLog, sliceTimes, type UseKind } from "../records/event-log.ts";
import { createGuideEventRow, createPollEventRow, createUseRows } from "../records/event-rows.ts";
import type { People, PersonKind } from "../records/people.ts";
import type { Context } from "./expressions/functions.ts";
import { isIdentified } from "./expressions/functions.ts";
import type { Source } from "./read-pipeline.ts";
import { readExpression, readObject, readText, readTexts, refuse } from "./read-shape.ts";
import type { Rows } from "./stages/stage.ts";
import { readTimeSeries, type TimeSeries } from "./time-series.ts";

export type SourceRecords = {
  apps: readonly App[];
  catalogue: Catalogue;
  people: People;
  readLog: () => EventLog;
  /** Visitors whose events count only if asked for. */
  isExcluded: (visitorId: string) => boolean;
  /** Epoch milliseconds: events from here on cannot be seen yet. */
  visibleUntil: number;
};

type Asked = { parameters: JsonObject; records: SourceRecords; context: Context };
type TimedAsked = Asked & { series: TimeSeries };

const entitySources: Readonly<Record<string, (asked: Asked) => Rows>> = {
  visitors: (asked) => listPeople("visitor", asked),
  accounts: (asked) => listPeople("account", asked),
  apps: ({ records }) => records.apps.map(({ id, name, platform }) => ({ id, appId: id, name, platform })),
  pages: (asked) => listCatalogue("page", asked),
  features: (asked) => listCatalogue("feature", asked),
  guides: (asked) => listCatalogue("guide", asked),
  trackTypes: (asked) => listCatalogue("trackType", asked),
  pollsSeenEver: listPollsSeenEver,
  guidesSeenEver: listGuidesSeenEver,
};

const eventSources: Readonly<Record<string, (asked: TimedAsked) => Rows>> = {
  pollEvents: listPollEvents,
  guideEvents: listGuideEvents,
  trackEvents: (asked) => listUses(["track"], asked),
  pageEvents: (asked) => listUses(["page"], asked),
  featureEvents: (asked) => listUses(["feature"], asked),
  events: (asked) => listUses(["page", "feature"], asked),
};

/** Throws a Refusal. */
export function openSource(settings: Json, records: SourceRecords, context: Context): Source {
  const { timeSeries, metadata: _metadata, ...sources } = readObject(settings, "source");
  const [name, ...more] = Object.keys(sources);
  if (name === undefined || more.length > 0) throw refuse("only a single source is allowed");
  if (name === "const") return { rows: listConstant(sources.const ?? null), startTime: null };
  const asked: Asked = { parameters: readParameters(sources[name] ?? null, name), records, context };
  if (Object.hasOwn(entitySources, name)) return { rows: entitySources[name]!(asked), startTime: null };
  if (!Object.hasOwn(eventSources, name)) throw refuse(`unknown source ${name}`);
  if (timeSeries === undefined) throw refuse(`source ${name} requires a timeSeries`);
  const series = readTimeSeries(timeSeries, context);
  return { rows: eventSources[name]!({ ...asked, series }), startTime: series.from };
}

function readParameters(value: Json, name: string): JsonObject {
  return value === null ? {} : readObject(value, `source.${name}`);
}

function listConstant(rows: Json): Rows {
  if (!Array.isArray(rows)) throw refuse("source.const must be a list");
  return rows.map((row) => ({ ...readObject(row, "source.const") }));
}

/** A number, a list of them, or `expandAppIds("*")`. */
function readApps({ parameters: { appId }, records: { apps }, context }: Asked): (app: number) => boolean {
  if (appId === undefined || appId === null) return (id) => id === apps[0]!.id;
  const wanted = typeof appId === "string" ? readExpression(appId, "appId", context)({}) : appId;
  const ids = new Set((Array.isArray(wanted) ? wanted : [wanted]).map(Number));
  return (id) => ids.has(id);
}

function* listPeople(kind: PersonKind, { parameters, records: { people } }: Asked): Rows {
  const idField = `${kind}Id`;
  for (const id of people.list(kind)) {
    if (parameters.identified === true && !isIdentified(id)) continue;
    yield { [idField]: id, metadata: people.findMetadata(kind, id)! };
  }
}

function listCatalogue(kind: keyof Catalogue, asked: Asked): Rows {
  const isWanted = readApps(asked);
  return asked.records.catalogue[kind].filter(({ appId }) => isWanted(Number(appId))).map((entry) => ({ ...entry }));
}

/** The events of the wanted apps, guides and visitors that can be seen already. */
function select<T extends { time: number; app: App; visitorId: string }>(
  events: readonly T[],
  asked: Asked,
  from: number,
  to: number,
): T[] {
  const { parameters, records } = asked;
  const isWanted = readApps(asked);
  const blacklist = parameters.blacklist ?? "apply";
  if (blacklist !== "apply" && blacklist !== "ignore" && blacklist !== "only")
    throw refuse("blacklist must be apply, ignore or only");
  const isListed = (visitorId: string) =>
    blacklist === "ignore" || records.isExcluded(visitorId) === (blacklist === "only");
  return sliceTimes(events, from, Math.min(to, records.visibleUntil)).filter(
    ({ app, visitorId }) => isWanted(app.id) && isListed(visitorId),
  );
}

/** A parameter with one id or a list of them; everything where it is missing. */
function readIds(value: Json | undefined, what: string): (id: string) => boolean {
  if (value === undefined || value === null) return () => true;
  const ids = new Set(Array.isArray(value) ? readTexts(value, what) : [readText(value, what)]);
  return (id) => ids.has(id);
}

function listPollEvents(asked: TimedAsked): Rows {
  const { parameters, records, series } = asked;
  const [isGuide, isPoll] = [readIds(parameters.guideId, "guideId"), readIds(parameters.pollId, "pollId")];
  const answers = select(records.readLog().pollAnswers, asked, series.from, series.to);
  return mapRows(
    answers.filter(({ guide, poll }) => isGuide(guide.id) && isPoll(poll.id)),
    createPollEventRow,
  );
}

function listGuideEvents(asked: TimedAsked): Rows {
  const { parameters, records, series } = asked;
  const [isGuide, isStep] = [readIds(parameters.guideId, "guideId"), readIds(parameters.guideStepId, "guideStepId")];
  const actions = select(records.readLog().guideActions, asked, series.from, series.to);
  return mapRows(
    actions.filter(({ guide, step }) => isGuide(guide.id) && isStep(step.id)),
    createGuideEventRow,
  );
}

function listUses(kinds: readonly UseKind[], asked: TimedAsked): Rows {
  const { parameters, records, series } = asked;
  const isWanted = {
    track: readIds(parameters.trackTypeId, "trackTypeId"),
    page: readIds(parameters.pageId, "pageId"),
    feature: readIds(parameters.featureId, "featureId"),
  };
  if (parameters.eventClass !== undefined) readTexts(parameters.eventClass, "eventClass");
  const uses = select(records.readLog().uses, asked, series.from, series.to);
  return createUseRows(
    uses.filter(({ kind, id }) => kinds.includes(kind) && isWanted[kind](id)),
    series,
  );
}

/** The last answer of each visitor to one poll. */
function listPollsSeenEver(asked: Asked): Rows {
  const guideId = readText(asked.parameters.guideId, "pollsSeenEver.guideId");
  const pollId = readText(asked.parameters.pollId, "pollsSeenEver.pollId");
  const latest = new Map<string, JsonObject>();
  // The poll is named, and with it its app.
  const anyApp = { ...asked, parameters: { ...asked.parameters, appId: 'expandAppIds("*")' } };
  for (const answer of select(asked.records.readLog().pollAnswers, anyApp, 0, Number.POSITIVE_INFINITY)) {
    if (answer.guide.id !== guideId || answer.poll.id !== pollId) continue;
    const { visitorId, accountId, value, time } = answer;
    latest.set(visitorId, { visitorId, accountId, guideId, pollId, response: value, time });
  }
  return latest.values();
}

function listGuidesSeenEver(asked: Asked): Rows {
  const isGuide = readIds(asked.parameters.guideId, "guidesSeenEver.guideId");
  const seen = new Map<string, JsonObject>();
  for (const action of select(asked.records.readLog().guideActions, asked, 0, Number.POSITIVE_INFINITY)) {
    if (action.type !== "guideSeen" || !isGuide(action.guide.id)) continue;
    const { visitorId, accountId, guide, step, time } = action;
    const key = JSON.stringify([visitorId, guide.id, step.id]);
    const known = seen.get(key);
    seen.set(key, {
      visitorId,
      accountId,
      guideId: guide.id,
      guideStepId: step.id,
      firstSeenAt: known?.firstSeenAt ?? time,
      lastSeenAt: time,
      seenCount: Number(known?.seenCount ?? 0) + 1,
    });
  }
  return seen.values();
}

function* mapRows<T>(list: readonly T[], create: (entry: T) => JsonObject): Rows {
  for (const entry of list) yield create(entry);
}
