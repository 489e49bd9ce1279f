// Not Pendo's: how a test steers the simulator and sees what was asked of it.
import type { Deliveries } from "../../create-deliveries.ts";
import type { Json, JsonObject } from "../../world/types.ts";
import { isObject } from "../aggregation/read-shape.ts";
import type { Clock } from "../clock.ts";
import { answerJson } from "../http/answer.ts";
import { type FaultRule, type Faults, faultKinds } from "../http/faults.ts";
import type { Route } from "../http/find-route.ts";
import type { RequestLog } from "../http/request-log.ts";
import { parseDuration } from "../parse-duration.ts";
import type { People, PersonKind } from "../records/people.ts";
import { Refusal } from "../refusal.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { createReportControlRoutes } from "./report-control-routes.ts";

type Parts = {
  deliveries: Deliveries;
  clock: Clock;
  faults: Faults;
  log: RequestLog;
  people: People;
  reports: ReportStore;
  excluded: Set<string>;
};

export function createControlRoutes(parts: Parts): Route[] {
  const { faults, log, clock, reports, excluded } = parts;
  const listFaults = () => answerJson(faults.list());
  return [
    { method: "GET", path: "/simulator/faults", answer: listFaults },
    {
      method: "POST",
      path: "/simulator/faults",
      answer: ({ readJson }) => {
        faults.set(readRules(readJson()));
        return listFaults();
      },
    },
    {
      method: "DELETE",
      path: "/simulator/faults",
      answer: () => {
        faults.set([]);
        return listFaults();
      },
    },
    {
      method: "GET",
      path: "/simulator/requests",
      answer: () => answerJson({ total: log.total(), counts: log.counts(), last: log.last() }),
    },
    {
      method: "DELETE",
      path: "/simulator/requests",
      answer: () => {
        log.clear();
        return answerJson({ total: 0 });
      },
    },
    { method: "GET", path: "/simulator/clock", answer: () => answerJson({ now: clock.now() }) },
    {
      method: "POST",
      path: "/simulator/clock",
      answer: ({ readJson }) => {
        const body = readJson();
        clock.advance(readDuration(isObject(body) ? body.advance : undefined));
        return answerJson({ now: clock.now() });
      },
    },
    createMetadataRoute(parts, "visitor"),
    createMetadataRoute(parts, "account"),
    ...createReportControlRoutes(reports),
    {
      method: "PUT",
      path: "/simulator/excluded",
      answer: ({ readJson }) => {
        const ids = readJson();
        if (!Array.isArray(ids)) throw new Refusal(400, "the body must be a list of visitors' ids");
        excluded.clear();
        for (const id of ids) excluded.add(String(id));
        return answerJson([...excluded]);
      },
    },
    { method: "GET", path: "/simulator/world", answer: () => answerJson(describeWorld(parts)) },
  ];
}

/** Any group, also those that the API may not write. */
function createMetadataRoute({ people }: Parts, kind: PersonKind): Route {
  return {
    method: "POST",
    path: `/simulator/${kind}s/:id/metadata`,
    answer: ({ parameters, readJson }) => {
      const body = readJson();
      if (!isObject(body) || !Object.values(body).every(isObject))
        throw new Refusal(400, 'the body must be like {"agent": {"email": "new@example.com"}}');
      for (const [group, values] of Object.entries(body))
        if (!people.setMetadata(kind, parameters.id!, group, values as JsonObject))
          throw new Refusal(404, `${kind} not found`);
      return answerJson(people.find(kind, parameters.id!) ?? null);
    },
  };
}

function readRules(body: Json): FaultRule[] {
  if (!Array.isArray(body)) throw new Refusal(400, "the body must be a list of rules");
  return body.map((rule) => {
    if (!isObject(rule)) throw new Refusal(400, "a rule must be an object");
    const { fault, share, times, route, milliseconds, bytes } = rule;
    const isStatus = typeof fault === "number" && Number.isInteger(fault) && fault >= 400 && fault <= 599;
    if (!isStatus && !(faultKinds as readonly Json[]).includes(fault ?? null))
      throw new Refusal(400, `fault must be a status from 400 or one of ${faultKinds.join(", ")}`);
    return {
      fault: fault as FaultRule["fault"],
      ...(typeof share === "number" && { share }),
      ...(typeof times === "number" && { times }),
      ...(typeof route === "string" && { route }),
      ...(typeof milliseconds === "number" && { milliseconds }),
      ...(typeof bytes === "number" && { bytes }),
    };
  });
}

/** Milliseconds, or a text like `6h`. */
function readDuration(value: Json | undefined): number {
  const milliseconds = typeof value === "string" ? parseDuration(value) : value;
  if (typeof milliseconds !== "number") throw new Refusal(400, 'advance must be milliseconds or a text like "6h"');
  return milliseconds;
}

function describeWorld({ deliveries: { world, count }, people }: Parts): Json {
  return {
    subscription: world.subscription,
    period: world.period,
    apps: world.apps.map(({ id, name, platform }) => ({ id, name, platform })),
    deliveries: count,
    visitors: [...people.list("visitor")].length,
    accounts: [...people.list("account")].length,
    guides: world.guides.map(({ id, name, purpose, polls }) => ({
      id,
      name,
      purpose,
      polls: polls.map((poll) => ({ id: poll.id, type: poll.attributes.type, question: poll.question })),
    })),
    trackTypes: world.trackTypes.map(({ id, name }) => ({ id, name })),
  };
}
