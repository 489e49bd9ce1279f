// What the customers' own systems know of them: files that are imported, as somebody would who begins with Plumbline.

/** @typedef {{ externalId: string, name: string, organization: string, plan: string, arr: number, region: string }} Company */

const managers = ["Ines Moreau", "Marcus Berg", "Priya Singh", "Tom Walker"];
const titles = ["Analyst", "Head of Operations", "Product Manager", "Controller", "Team Lead", "Administrator"];
/** From so many accounts on, those whose names begin with the same word belong together. */
const leastOfGroup = 6;
const day = 24 * 3600 * 1000;

/** @param {import("./api.mjs").DemoApi} api @param {import("./pendo.mjs").DemoPendo} pendo */
export async function importRecords(api, pendo) {
  const [accounts, visitors] = await Promise.all([pendo.list("accounts"), pendo.list("visitors")]);
  const companies = readCompanies(accounts);
  const groups = [...new Set(companies.map(({ organization }) => organization))].filter((name) => name !== "");
  await importFile(api, "organization", [
    ["external_id", "name", "segment"],
    ...groups.map((name, place) => [spell(name), name, place % 3 === 0 ? "Strategic" : "Enterprise"]),
  ]);
  await importFile(api, "account", [
    ["external_id", "name", "organization_id", "plan", "arr", "region", "csm", "renewal_date"],
    ...companies.map(({ externalId, name, organization, plan, arr, region }, place) => [
      ...[externalId, name, spell(organization), plan, arr, region, managers[place % managers.length]],
      new Date(Date.now() + (((place * 37) % 365) + 5) * day).toISOString().slice(0, 10),
    ]),
  ]);
  await importFile(api, "user", [
    ["external_id", "name", "email", "account_id", "role", "title"],
    ...visitors.map(({ visitorId, metadata: { agent, auto } }, place) => [
      ...[visitorId, agent.full_name, agent.email, auto.accountid, agent.role, titles[place % titles.length]],
    ]),
    // Files of people have rows that nobody can use.
    ["", "Somebody Without An Id", "somebody@mail.example", "", "viewer", ""],
    ["null", "Nobody", "", "", "", ""],
  ]);
}

/** @param {any[]} accounts @returns {Company[]} */
function readCompanies(accounts) {
  /** @param {string} name */
  const firstWord = (name) => name.split(" ")[0] ?? "";
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const { metadata } of accounts)
    sizes[firstWord(metadata.agent.name)] = (sizes[firstWord(metadata.agent.name)] ?? 0) + 1;
  return accounts.map(({ accountId, metadata: { agent, custom } }) => {
    const word = firstWord(agent.name);
    return {
      externalId: accountId,
      name: agent.name,
      organization: (sizes[word] ?? 0) >= leastOfGroup ? `${word} Group` : "",
      plan: agent.plan,
      arr: agent.arr,
      region: custom.region.toUpperCase(),
    };
  });
}

/** @param {import("./api.mjs").DemoApi} api @param {string} kind @param {unknown[][]} rows */
async function importFile(api, kind, rows) {
  const csv = rows.map((row) => row.map(quote).join(",")).join("\n");
  const { id } = await api.upload(`/imports?kind=${kind}`, csv);
  const { state, message } = await api.waitFor(`/imports/${id}`, (one) => !["waiting", "running"].includes(one.state));
  if (state !== "done") throw new Error(`The import of ${kind}s is ${state}: ${message}`);
}

/** @param {unknown} cell */
function quote(cell) {
  const text = String(cell ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string} name */
function spell(name) {
  return name.toLowerCase().replaceAll(" ", "-");
}
