import { type Random, urlSafe } from "../random.ts";
import type { App, Feature, Page, Period } from "./types.ts";

const day = 24 * 3600 * 1000;

const drafts: readonly { name: string; app: number; path: string; features: readonly [string, string][] }[] = [
  { name: "Dashboard", app: 0, path: "/", features: [["Refresh", "button#refresh"]] },
  {
    name: "Reports",
    app: 0,
    path: "/reports",
    features: [
      ["Export – CSV", 'button#export > span[title="CSV"]'],
      ["Schedule", "button.schedule"],
    ],
  },
  { name: "Größen & Maße", app: 0, path: "/settings/größen", features: [["Speichern", "form > button[type=submit]"]] },
  { name: "検索", app: 0, path: "/search", features: [["検索", "input#q"]] },
  { name: "Mobile home", app: 1, path: "/home", features: [["Menu", "TabBar/Menu"]] },
  { name: "Users", app: 2, path: "/admin/users", features: [["Invite", 'a[href="/admin/users/invite"]']] },
];

export function createPages(random: Random, apps: readonly App[], period: Period) {
  const pages: Page[] = [];
  const features: Feature[] = [];
  for (const draft of drafts) {
    const app = apps[draft.app] ?? apps[0]!;
    const createdAt = period.from * 1000 - random.int(30 * day, 900 * day);
    const page: Page = { id: random.text(urlSafe, 27), name: draft.name, app, path: draft.path, createdAt };
    pages.push(page);
    for (const [name, elementPath] of draft.features)
      features.push({ id: random.text(urlSafe, 27), name, app, page, elementPath, createdAt: createdAt + day });
  }
  return { pages, features };
}
