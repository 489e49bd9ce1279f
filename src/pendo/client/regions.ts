// Where Pendo's API is. A fixed list: a host that people could type would let them reach into the network Plumbline
// runs in. US1 really is `us1.app`, and Japan `jpn` (from the list of servers that Pendo's own agent carries).

export const pendoRegions = ["us", "us1", "eu", "jpn", "au"] as const;
export type PendoRegion = (typeof pendoRegions)[number];

const regions: Readonly<Record<PendoRegion, { name: string; origin: string }>> = {
  us: { name: "the region US", origin: "https://app.pendo.io" },
  us1: { name: "the region US1", origin: "https://us1.app.pendo.io" },
  eu: { name: "the region EU", origin: "https://app.eu.pendo.io" },
  jpn: { name: "the region Japan", origin: "https://app.jpn.pendo.io" },
  au: { name: "the region Australia", origin: "https://app.au.pendo.io" },
};

/** Scheme and host, without the API's path. */
export function findPendoOrigin(region: PendoRegion): string {
  return regions[region].origin;
}

/** For a person. */
export function nameRegion(region: PendoRegion): string {
  return regions[region].name;
}

export function isPendoRegion(text: string): text is PendoRegion {
  return (pendoRegions as readonly string[]).includes(text);
}

/** Where an administrator of Pendo sets up webhooks. */
export function findWebhookPage(region: PendoRegion): string {
  return `${findPendoOrigin(region)}/admin/integrations/webhooks`;
}
