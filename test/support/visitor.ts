// A browser, as far as the server sees one: it keeps its cookies, follows no redirect, and says where its requests come from.

export type Visited = { status: number; text: string; location: string | null; headers: Headers };

export type Visitor = {
  /** The cookies as they are sent; undefined: none. */
  cookie: string | undefined;
  open: (path: string, headers?: Record<string, string>) => Promise<Visited>;
  /** Sends a form. */
  submit: (path: string, fields: Record<string, string>, headers?: Record<string, string>) => Promise<Visited>;
  /** A request of a script of our own pages. */
  call: (
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; json: any; headers: Headers }>;
};

export function createVisitor(url: string, name = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"): Visitor {
  const visitor: Visitor = {
    cookie: undefined,
    open: (path, headers) => visit(path, { headers: { ...headers } }),
    async submit(path, fields, headers) {
      return visit(path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: url, ...headers },
        body: new URLSearchParams(fields).toString(),
      });
    },
    async call(method, path, body, headers) {
      const response = await send(`/api/v1${path}`, {
        method,
        headers: {
          origin: url,
          "x-requested-with": "Plumbline",
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, json: text === "" ? undefined : JSON.parse(text), headers: response.headers };
    },
  };
  async function send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const headers = { "user-agent": name, ...(visitor.cookie && { cookie: visitor.cookie }), ...init.headers };
    const response = await fetch(`${url}${path}`, { ...init, headers, redirect: "manual" });
    keepCookies(response.headers.getSetCookie());
    return response;
  }

  function keepCookies(set: readonly string[]): void {
    const kept = new Map(visitor.cookie?.split("; ").map((one) => [one.split("=")[0]!, one]));
    for (const one of set) {
      const name = one.split("=")[0]!;
      if (/Max-Age=0/.test(one)) kept.delete(name);
      else kept.set(name, one.split(";")[0]!);
    }
    visitor.cookie = kept.size === 0 ? undefined : [...kept.values()].join("; ");
  }

  async function visit(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Visited> {
    const response = await send(path, init);
    const text = await response.text();
    return { status: response.status, text, location: response.headers.get("location"), headers: response.headers };
  }

  return visitor;
}

/** What stands behind # in a link. */
export function tokenOf(url: string): string {
  return url.split("#")[1]!;
}
