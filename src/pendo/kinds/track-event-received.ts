import { ok } from "../../pipeline/outcome.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { createSample } from "./envelope.ts";
import { readText } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

const label = "Track Received";

export const trackEventReceived: PendoKind = {
  kind: "trackEventReceived",
  label,
  becomes: "event with the track event's own name and properties",
  read({ properties }) {
    const { eventProperties, name, source, ...beside } = properties;
    const event = {
      name: readText(name) ?? label,
      guideId: null,
      properties: readEventProperties(eventProperties) ?? beside,
    };
    return ok({ event, nps: null, polls: [] });
  },
  samples: [
    createSample("trackEventReceived", "75c32838012a8311fba2b902857c2e848d98f457", {
      eventProperties: { fromTier: "basic", toTier: "pro" },
      name: "Account Upgraded",
      source: "web",
    }),
  ],
};

/** The customer's own properties: free-form, nearly always an object. */
function readEventProperties(value: Json | undefined): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  return value === undefined || value === null ? undefined : { value };
}
