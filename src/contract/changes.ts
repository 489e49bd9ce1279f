// What open pages are told of: that something of a topic has changed, and nothing of what it is.
export const topics = [
  "deliveries",
  "events",
  "nps",
  "polls",
  "traits",
  "reports",
  "match-jobs",
  "imports",
  "connections",
] as const;

export type Topic = (typeof topics)[number];
