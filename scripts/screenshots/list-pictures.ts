// What is taken: which page, of which record, in which light.
import type { Locator, Page } from "playwright-core";
import type { Demo } from "./start-demo.ts";

export type Picture = {
  /** Of the file, without its ending. */
  name: string;
  path: string;
  /** What must be there before: what comes last. */
  find: (page: Page) => Locator;
  /** What stands at the top of the picture, where that is not the page's. */
  top?: (page: Page) => Locator;
  /** Light unless said. */
  scheme?: "dark";
  /** As wide as a desk's screen unless given. */
  width?: number;
};

/** A bar that is not empty, or a line: a chart is there as soon as its axes are, before what it shows. */
const findChart = (page: Page) =>
  page.locator(".recharts-bar-rectangle, .recharts-line-curve").filter({ visible: true }).first();
const phone = 390;

export async function listPictures({ api, storyPath }: Demo): Promise<Picture[]> {
  const [polls, connections] = await Promise.all([api.get("/polls"), api.get("/connections")]);
  const choices = polls.items.filter(({ pollType }: { pollType: string }) => pollType === "PickList");
  const poll = choices.sort((one: Counted, other: Counted) => other.answers - one.answers)[0].id;
  const connection = connections.items.find(({ name }: { name: string }) => name === "Production").id;
  const answered = `/deliveries?connection=${connection}&kind=npsSubmitted&state=recorded`;
  const delivery = (await api.get(`${answered}&limit=1`)).items[0].id;

  const account = { path: storyPath, find: findChart };
  return [
    { name: "account", ...account },
    { name: "account-dark", ...account, scheme: "dark" },
    { name: "home", path: "/home", find: (page) => page.getByRole("table", { name: "Biggest movers" }) },
    { name: "nps", path: "/nps", find: findChart },
    { name: "nps-phone", path: "/nps", find: findChart, width: phone },
    { name: "poll", path: `/polls/${poll}`, find: findChart },
    { name: "delivery", path: `/deliveries/${delivery}`, find: (page) => page.getByText("Its way") },
    {
      name: "ledger",
      path: `/settings/integrations/${connection}`,
      find: findChart,
      top: (page) => page.getByRole("heading", { name: "5. History and repair" }),
    },
  ];
}

type Counted = { answers: number };
