/**
 * @typedef {{ items: any[], next: string | null }} Page
 * @typedef {ReturnType<typeof createDemoApi>} DemoApi
 */

/** Reads Plumbline's API. @param {string} address @param {string} key */
export function createDemoApi(address, key) {
  /** @param {string} path @returns {Promise<any>} */
  async function get(path) {
    const response = await fetch(`${address}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  return {
    address,
    key,
    get,
    /** Only the demo's own Plumbline knows the key: another one on this port is not taken for it. */
    async waitUntilReady() {
      for (;;) {
        const isReady = await get("/ledger").then(
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
        const { items, next } = await get(`/${list}?limit=500${from}`);
        count += items.length;
        if (next === null) return count;
        from = `&from=${encodeURIComponent(next)}`;
      }
    },
  };
}
