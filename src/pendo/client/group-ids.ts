import { Buffer } from "node:buffer";
import { quoteText } from "./quote-text.ts";

/** Ids that are asked for at once, at most. */
export const idsPerRequest = 200;
/** Bytes of a filter, unless a single id is longer: within what proxies and parsers take. */
const mostFilterBytes = 32_000;
/** `visitorId ==  || ` */
const bytesAroundId = 16;

/**
 * Groups that each fit into one request. Ids that no filter can carry (lone surrogates) are left out: nobody at Pendo
 * can have them.
 */
export function groupIds(ids: readonly string[]): string[][] {
  const groups: string[][] = [];
  let bytes = 0;
  for (const id of new Set(ids)) {
    if (id === "" || !id.isWellFormed()) continue;
    const own = Buffer.byteLength(quoteText(id)) + bytesAroundId;
    const last = groups.at(-1);
    if (last && last.length < idsPerRequest && bytes + own <= mostFilterBytes) {
      last.push(id);
      bytes += own;
    } else {
      groups.push([id]);
      bytes = own;
    }
  }
  return groups;
}
