// Where Pendo's API is. A fixed list: a host that people could type would let them reach into the network Plumbline
// runs in. US1 really is `us1.app`, and Japan `jpn` (from the list of servers that Pendo's own agent carries).

export const pendoRegions = ["us", "us1", "eu", "jpn", "au"] as const;
export type PendoRegion = (typeof pendoRegions)[number];

const hosts: Readonly<Record<PendoRegion, string>> = {
  us: "https://app.pendo.io",
  us1: "https://us1.app.pendo.io",
  eu: "https://app.eu.pendo.io",
  jpn: "https://app.jpn.pendo.io",
  au: "https://app.au.pendo.io",
};

/** Scheme and host, without the API's path. */
export function findPendoOrigin(region: PendoRegion): string {
  return hosts[region];
}

export function isPendoRegion(text: string): text is PendoRegion {
  return (pendoRegions as readonly string[]).includes(text);
}
