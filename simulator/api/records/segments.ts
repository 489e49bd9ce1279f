import type { JsonObject } from "../../world/types.ts";
import { type People, readField } from "./people.ts";

export type Segments = {
  /** As `GET /segment` lists them. */
  list: readonly JsonObject[];
  /** Whether a row's visitor belongs to the segment. */
  find: (id: string) => ((row: JsonObject) => boolean) | undefined;
};

/** By role, the only metadata that all visitors of the world have. */
const roles = ["admin", "editor", "viewer"];

export function createSegments(people: People, createdAt: number): Segments {
  const nameId = (role: string) => `segment-of-${role}s`;
  return {
    list: roles.map((role) => ({
      id: nameId(role),
      name: `All ${role}s`,
      kind: "Segment",
      shared: true,
      createdAt,
      lastUpdatedAt: createdAt,
      pipeline: [{ source: { visitors: null } }, { filter: `metadata.agent.role == "${role}"` }],
    })),
    find: (id) => {
      const role = roles.find((one) => nameId(one) === id);
      if (role === undefined) return undefined;
      return ({ visitorId }) => {
        const metadata = typeof visitorId === "string" ? people.findMetadata("visitor", visitorId) : undefined;
        return metadata !== undefined && readField(metadata, "agent", "role") === role;
      };
    },
  };
}
