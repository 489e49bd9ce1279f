// Every page has one line here. The server sends the application to the same addresses: src/contract/pages.ts.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
  redirect,
} from "@tanstack/react-router";
import { queryClient } from "./api/query-client.ts";
import { meQuery } from "./api/use-me.ts";
import { Failed } from "./parts/failed.tsx";
import { Loading } from "./parts/loading.tsx";
import { served } from "./served.ts";
import { Frame } from "./shell/frame.tsx";
import { NothingHere } from "./shell/nothing-here.tsx";

type Filters = Record<string, string | undefined>;

const rootRoute = createRootRoute({
  component: Frame,
  loader: () => queryClient.ensureQueryData(meQuery),
  errorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
  notFoundComponent: NothingHere,
  // Filters stand in the address as plain texts, so that a link shows the same list. One that was taken out is none.
  validateSearch: (search: Record<string, unknown>): Filters =>
    Object.fromEntries(
      Object.entries(search)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)]),
    ),
});

type Module = Record<string, RouteComponent>;

/** `name` is what the module exports. */
function page<Path extends string, M extends Module>(path: Path, load: () => Promise<M>, name: keyof M & string) {
  return createRoute({ getParentRoute: () => rootRoute, path, component: lazyRouteComponent(load, name) });
}

const routeTree = rootRoute.addChildren([
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: "/home" });
    },
  }),
  page("/home", () => import("./pages/home/home-page.tsx"), "HomePage"),
  page("/accounts", () => import("./pages/records/records-page.tsx"), "AccountsPage"),
  page("/accounts/$id", () => import("./pages/records/record-page.tsx"), "AccountPage"),
  page("/organizations", () => import("./pages/records/records-page.tsx"), "OrganizationsPage"),
  page("/organizations/$id", () => import("./pages/records/record-page.tsx"), "OrganizationPage"),
  page("/users", () => import("./pages/records/records-page.tsx"), "UsersPage"),
  page("/users/$id", () => import("./pages/records/record-page.tsx"), "UserPage"),
  page("/nps", () => import("./pages/nps/nps-page.tsx"), "NpsPage"),
  page("/polls", () => import("./pages/polls/polls-page.tsx"), "PollsPage"),
  page("/polls/$id", () => import("./pages/polls/poll-page.tsx"), "PollPage"),
  // One route for a list and its panel: two would draw the whole list anew when the panel opens and closes.
  page("/deliveries/{-$id}", () => import("./pages/deliveries/deliveries-page.tsx"), "DeliveriesPage"),
  page("/settings", () => import("./pages/settings/settings-page.tsx"), "SettingsPage"),
  page("/settings/integrations", () => import("./pages/integrations/integrations-page.tsx"), "IntegrationsPage"),
  page("/settings/integrations/$id", () => import("./pages/integrations/connection-page.tsx"), "ConnectionPage"),
  page("/settings/reports/$id", () => import("./pages/integrations/report-page.tsx"), "ReportPage"),
  page("/settings/imports/{-$id}", () => import("./pages/settings/imports-page.tsx"), "ImportsPage"),
  page("/settings/workspace", () => import("./pages/settings/workspace-page.tsx"), "WorkspacePage"),
  page("/settings/members", () => import("./pages/settings/members-page.tsx"), "MembersPage"),
  page("/settings/api-keys", () => import("./pages/settings/api-keys-page.tsx"), "ApiKeysPage"),
  page("/settings/audit-log", () => import("./pages/settings/audit-log-page.tsx"), "AuditLogPage"),
  page("/settings/you", () => import("./pages/settings/you-page.tsx"), "YouPage"),
]);

export const router = createRouter({
  routeTree,
  basepath: served.prefix === "" ? "/" : served.prefix,
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
  defaultNotFoundComponent: NothingHere,
  scrollRestoration: true,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
    return text === "" ? "" : `?${text}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
