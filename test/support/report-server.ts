// A Pendo of one report whose rows a test says, over real HTTP.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../src/platform/json.ts";

export type ReportServer = {
  url: string;
  rows: readonly JsonObject[];
  /** The list of reports; null: there is none to be had. */
  list: readonly { id: string; name: string }[] | null;
  /** How many times it was asked for rows. */
  asked: number;
  /** Answers that nobody waited for to their end. */
  brokenOff: number;
  /** Before an answer, and in the middle of it. */
  onAnswer: () => Promise<void> | void;
  stop: () => Promise<void>;
};

export async function startReportServer(): Promise<ReportServer> {
  const server = createServer(async (request, response) => {
    if (request.url === "/api/v1/report" && state.list) return response.end(JSON.stringify(state.list));
    if (!/\/report\/[^/]+\/results\.json$/.test(request.url ?? "")) return response.writeHead(404).end();
    state.asked += 1;
    response.on("close", () => {
      if (!response.writableFinished) state.brokenOff += 1;
    });
    const { rows } = state;
    const half = Math.floor(rows.length / 2);
    response.writeHead(200, { "content-type": "application/json" });
    const write = (some: readonly JsonObject[]) => some.map((row) => JSON.stringify(row)).join(",");
    response.write(`[${write(rows.slice(0, half))}${half > 0 ? "," : ""}`);
    await state.onAnswer();
    response.end(`${write(rows.slice(half))}]`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const state: ReportServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rows: [],
    list: null,
    asked: 0,
    brokenOff: 0,
    onAnswer: () => {},
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}
