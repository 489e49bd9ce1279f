// What there is to see, as lines to paste.
import { relative } from "node:path";
import { dataDir } from "./places.mjs";
import { runCommand } from "./programs.mjs";

/** @param {import("./api.mjs").DemoApi} api @returns {Promise<Record<string, number>>} */
export async function countRecords(api) {
  const lists = ["accounts", "users", "events", "nps-responses", "poll-responses"];
  const counts = await Promise.all(lists.map((list) => api.count(list)));
  const { received } = await api.get("/ledger");
  return { ...Object.fromEntries(lists.map((list, index) => [list, counts[index] ?? 0])), deliveries: received };
}

/**
 * @param {import("./state.mjs").DemoState} state
 * @param {import("./api.mjs").DemoApi} api @param {import("./pendo.mjs").DemoPendo} pendo @param {{ isLive: boolean }} flags
 */
export async function showTour({ counts, connections }, api, pendo, { isLive }) {
  const stories = await findStories(api, pendo);
  const failed = (await api.get("/deliveries?state=failed&limit=1")).items[0]?.id;
  const account = `account=${encodeURIComponent(stories[0]?.externalId ?? "")}`;
  /** @param {string} path */
  const get = (path) => `curl -H "Authorization: Bearer ${api.key}" "${api.address}/api/v1${path}"`;
  const command = `DATA_DIR=${relative(process.cwd(), dataDir)} npm run -s plumbline --`;
  const event =
    '{"event":"trackEventReceived","visitorId":"you","accountId":"your-company","properties":{"name":"Tried The Demo"}}';
  const number = /** @param {string} list */ (list) => (counts[list] ?? 0).toLocaleString("en-US");
  const signIn = await findSignIn(api.address);
  console.log(`
The demo runs.   Pages    ${signIn}
                 API      ${api.address}/api/v1   (its document: ${api.address}/api/v1/openapi.json)
                 API key  ${api.key}

In the workspace: ${number("accounts")} accounts, ${number("users")} users, ${number("events")} events, ${number("nps-responses")} NPS responses, ${number("poll-responses")} poll answers,
made of ${number("deliveries")} deliveries.${isLive ? " A webhook comes every few seconds." : ""}

${stories.map(({ id, name, told }) => `${name} ${told}: ${api.address}/accounts/${id}`).join("\n")}
What waits to be repaired: ${api.address}/deliveries?state=parked

Paste into another terminal, in this folder:

# The newest NPS responses, and those of the account that turned
${get("/nps-responses?limit=5")}
${get(`/nps-responses?${account}`)}
# Everything that happened there, newest first
${get(`/events?${account}&limit=10`)}
# Poll answers, readable
${get("/poll-responses?limit=5")}
# What could not be matched, what failed, what was refused, and why
${get("/deliveries?state=parked&limit=3")}
${get("/deliveries?state=failed")}
${get("/deliveries?state=refused")}
# One of them, step by step
${command} show ${failed}
# Nothing is lost: what was received against what became of it
${command} ledger
# A connection that is off holds what arrives; now let it be recorded
${command} connection on ${connections.off.id} --held process
# Send an event yourself, and find it
curl -H "Content-Type: application/json" -d '${event}' ${api.address}${connections.playground.path}
${get("/events?user=you")}

Ctrl-C ends the demo; npm run demo brings it back as it is, npm run demo -- --fresh begins anew.`);
}

const plots = ["turned from promoter to detractor", "has fallen silent", "has grown"];

/**
 * The accounts that the simulator tells a story about are those behind its first.
 * @param {import("./api.mjs").DemoApi} api @param {import("./pendo.mjs").DemoPendo} pendo
 */
async function findStories(api, pendo) {
  const accounts = (await pendo.list("accounts")).slice(1, 1 + plots.length);
  const stories = await Promise.all(
    accounts.map(async ({ accountId }, place) => {
      const { items } = await api.get(`/accounts?externalId=${encodeURIComponent(accountId)}`);
      return items.map((/** @type {any} */ { id, name }) => ({ id, name, externalId: accountId, told: plots[place] }));
    }),
  );
  // Whoever looks around may have removed one.
  return stories.flat();
}

/** A link for the first administrator, as long as nobody has been there. @param {string} address */
async function findSignIn(address) {
  /** @type {{ members: unknown[] }} */
  const { members } = await runCommand("member", "list");
  if (members.length > 0) return `${address}/`;
  /** @type {{ url: string }} */
  const { url } = await runCommand("member", "invite-first");
  return `${url}   (become the first administrator)`;
}
