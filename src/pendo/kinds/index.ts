import { accountCreated } from "./account-created.ts";
import { guideDisplayed } from "./guide-displayed.ts";
import type { PendoKind } from "./kind.ts";
import { npsDisplayed } from "./nps-displayed.ts";
import { npsSubmitted } from "./nps-submitted.ts";
import { ping } from "./ping.ts";
import { pollDisplayed } from "./poll-displayed.ts";
import { pollSubmitted } from "./poll-submitted.ts";
import { trackEventReceived } from "./track-event-received.ts";
import { visitorCreated } from "./visitor-created.ts";

/** Every kind Plumbline knows. To add one: a file beside this one, a line here. */
export const pendoKinds: readonly PendoKind[] = [
  trackEventReceived,
  guideDisplayed,
  pollDisplayed,
  pollSubmitted,
  npsDisplayed,
  npsSubmitted,
  visitorCreated,
  accountCreated,
  ping,
];

const byName = new Map(pendoKinds.map((kind) => [kind.kind, kind]));

export function findKind(kind: string): PendoKind | undefined {
  return byName.get(kind);
}
