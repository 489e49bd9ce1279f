import type { Guide, Visitor } from "../world/types.ts";
import type { Kind } from "./kinds.ts";

/** An NPS answer or a part of one. */
export type NpsPart = {
  score: number;
  /** As it is sent; undefined leaves the key out. */
  reason: string | null | undefined;
  /** The earlier moment whose answer this one completes. */
  completes: Moment | null;
};

/** One thing that happens and is reported by one delivery. */
export type Moment = {
  kind: Kind;
  /** Epoch seconds. */
  at: number;
  /** Place in the history, from 0; it also decides the random details of the body. */
  index: number;
  visitor: Visitor | null;
  /** As sent; undefined leaves the key out. */
  visitorId: string | undefined;
  /** As sent; undefined leaves the key out. */
  accountId: string | undefined;
  guide: Guide | null;
  nps: NpsPart | null;
};
