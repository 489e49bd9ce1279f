// A client as those written for Vitally are: plain HTTP, the API key as the user name of HTTP Basic.
import { createApiKey } from "../../src/access/api-keys-table.ts";
import type { TestApp } from "./test-app.ts";

export type VitallyAnswer = { status: number; headers: Headers; json: any };

export type VitallyClient = {
  key: string;
  send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<VitallyAnswer>;
  get: (path: string) => Promise<any>;
  post: (path: string, body: object) => Promise<any>;
  put: (path: string, body: object) => Promise<any>;
  delete: (path: string) => Promise<any>;
  /** All pages of a list, one after the other. */
  readAll: (path: string, limit?: number) => Promise<any[]>;
};

export function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:`).toString("base64")}`;
}

/** In the app's first workspace, or in the one given. */
export async function createVitallyClient(plumbline: TestApp, workspaceId?: string): Promise<VitallyClient> {
  const to = workspaceId ?? plumbline.workspaceId;
  const { key } = await createApiKey(plumbline.database.pool, to, "vitally", new Date());
  const send: VitallyClient["send"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${plumbline.url}/resources${path}`, {
      method,
      headers: { authorization: basic(key), "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
  const expectOk = async (...args: Parameters<typeof send>) => {
    const answer = await send(...args);
    if (answer.status !== 200)
      throw new Error(`${args[0]} ${args[1]}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  };
  return {
    key,
    send,
    get: (path) => expectOk("GET", path),
    post: (path, body) => expectOk("POST", path, body),
    put: (path, body) => expectOk("PUT", path, body),
    delete: (path) => expectOk("DELETE", path),
    async readAll(path, limit = 100) {
      const rows = [];
      const first = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`;
      for (let at = first; ; ) {
        const page = await expectOk("GET", at);
        if (page.results.length > limit) throw new Error("A page is longer than its limit.");
        rows.push(...page.results);
        if (page.next === null) return rows;
        at = `${first}&from=${encodeURIComponent(page.next)}`;
      }
    },
  };
}
