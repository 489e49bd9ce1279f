// What somebody does on the pages, one after the other on each: names, and how hands do it.
import type { Page } from "playwright-core";

type Use = { name: string; act: (page: Page) => Promise<void> };
export type UsedPage = { path: string; uses: readonly Use[] };

const click = (role: "button" | "tab" | "link", name: string | RegExp) => (page: Page) =>
  page
    .getByRole(role, { name, ...(typeof name === "string" && { exact: true }) })
    .first()
    .click();
const press = (key: string) => (page: Page) => page.keyboard.press(key);
const type = (text: string) => (page: Page) => page.keyboard.type(text, { delay: 70 });

const choose = (field: string, option: string) => async (page: Page) => {
  await page.getByPlaceholder(field).click();
  await page.getByRole("option", { name: option }).click();
};

/** `account`: the biggest one's id. */
export function listUses({ account }: { account: string }): UsedPage[] {
  return [
    {
      path: "/home",
      uses: [
        { name: "opening the search", act: press("Control+k") },
        { name: "typing in it", act: type("user-12") },
        { name: "closing it", act: press("Escape") },
        { name: "going to the accounts", act: click("link", "Accounts") },
        { name: "opening an account", act: (page) => page.getByRole("row").nth(1).click() },
      ],
    },
    {
      path: "/users",
      uses: [
        { name: "sorting users by name", act: click("button", "User") },
        { name: "the next page", act: click("button", "Next page") },
        { name: "a filter chosen", act: choose("Seen at any time", "Seen in 30 days") },
        { name: "taking it out", act: click("button", "Clear") },
        {
          name: "a filter typed",
          act: async (page) => {
            await page.getByPlaceholder("Name, external ID or e-mail").click();
            await page.keyboard.type("user-12", { delay: 70 });
          },
        },
      ],
    },
    {
      path: "/deliveries",
      uses: [
        { name: "opening a delivery", act: (page) => page.getByRole("row").nth(1).click() },
        { name: "closing it", act: press("Escape") },
        { name: "deliveries of a state", act: choose("Any state", "parked") },
      ],
    },
    {
      path: `/accounts/${account}`,
      uses: [
        { name: "to an account's timeline", act: click("tab", "Timeline") },
        { name: "to its users", act: click("tab", "Users") },
        { name: "to its answers", act: click("tab", "NPS and polls") },
        { name: "back to its overview", act: click("tab", "Overview") },
        { name: "opening a trait's history", act: click("button", /, its history$/) },
      ],
    },
    {
      path: "/nps",
      uses: [
        { name: "NPS of another time", act: choose("Last 90 days", "Last year") },
        { name: "NPS of detractors", act: choose("Any score", "Detractors (0–6)") },
      ],
    },
  ];
}
