import { hexDigits, type Random } from "../random.ts";
import { createValues } from "../world/create-track-types.ts";
import type { JsonObject, TrackType } from "../world/types.ts";

const shareOfLong = 0.02;
const longText = 'Line one.\nLine "two" with a \\ and a tab\t– and umlauts äöü, 漢字, 🙂. ';

/** What the customer's own code adds to every event, then the properties of this one. */
export function createTrackProperties(random: Random, { name, fields }: TrackType): JsonObject {
  const eventProperties: JsonObject = { ...createValues(random, fields), requestId: random.text(hexDigits, 32) };
  if (random.chance(0.6)) {
    eventProperties.page = {
      path: `/projects/${random.int(1, 9999)}/reports`,
      referrer: random.pick(["", null, "https://www.example.com/?q=plan+b&x=%C3%BC"]),
    };
    eventProperties.flags = random.pick([[], ["beta"], ["beta", "new-nav", "größere-schrift"]]);
    eventProperties.isTrial = random.pick([true, false, null]);
  }
  if (random.chance(shareOfLong)) eventProperties.note = longText.repeat(random.int(10, 40));
  return { eventProperties, name, source: "web" };
}
