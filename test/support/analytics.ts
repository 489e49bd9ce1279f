// A client of the Analytics API, as people write it.
import { type Answer, sendDelivery } from "./sender.ts";

export type AnalyticsClient = {
  /** Sends one message, or a list to `batch`, or a text as it is. */
  send: (endpoint: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>;
};

export function createAnalyticsClient({ url, token }: { url: string; token: string | null }): AnalyticsClient {
  return {
    send: (endpoint, body, headers = {}) =>
      sendDelivery(url + endpoint, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body), {
        headers: { authorization: `Basic ${token}`, ...headers },
      }),
  };
}
