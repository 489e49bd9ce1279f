// A kind nobody has described, recorded as a plain event because an administrator switched that on.
import { type Ok, ok } from "../../pipeline/outcome.ts";
import { readGuide } from "./guide.ts";
import type { Facts, PendoMessage } from "./kind.ts";

export function readUnknownKind({ kind, properties }: PendoMessage): Ok<Facts> {
  const guide = readGuide(properties);
  return ok({
    event: { name: kind, guideId: guide.guideId, properties: { ...guide.described, ...guide.rest } },
    nps: null,
    polls: [],
  });
}
