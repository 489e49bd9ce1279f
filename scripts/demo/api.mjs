/**
 * @typedef {{ items: any[], next: string | null }} Page
 * @typedef {ReturnType<typeof createDemoApi>} DemoApi
 */

/** Plumbline's API. @param {string} address @param {string} key */
export function createDemoApi(address, key) {
  /** @param {string} path @param {RequestInit} [init] @returns {Promise<any>} */
  async function ask(path, init = {}) {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await fetch(`${address}/api/v1${path}`, { ...init, headers });
    if (!response.ok)
      throw new Error(`${init.method ?? "GET"} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  return {
    address,
    key,
    get: ask,
    /** @param {string} path @param {object} [body] */
    post(path, body) {
      const json = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return ask(path, { method: "POST", ...json });
    },
    /** @param {string} path @param {string} csv */
    upload(path, csv) {
      return ask(path, { method: "POST", headers: { "content-type": "text/csv" }, body: csv });
    },
    /**
     * Asks until the answer is so. @param {string} path @param {(answer: any) => boolean} isSo @returns {Promise<any>}
     */
    async waitFor(path, isSo) {
      for (;;) {
        const answer = await ask(path);
        if (isSo(answer)) return answer;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    /** Only the demo's own Plumbline knows the key: another one on this port is not taken for it. */
    async waitUntilReady() {
      for (;;) {
        const isReady = await ask("/ledger").then(
          () => true,
          () => false,
        );
        if (isReady) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    /** @param {string} list */
    async count(list) {
      let [count, from] = [0, ""];
      for (;;) {
        const { items, next } = await ask(`/${list}?limit=500${from}`);
        count += items.length;
        if (next === null) return count;
        from = `&from=${encodeURIComponent(next)}`;
      }
    },
  };
}
