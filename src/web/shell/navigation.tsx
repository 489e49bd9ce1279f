import { NavLink } from "@mantine/core";
import {
  type Icon,
  IconBuilding,
  IconBuildingSkyscraper,
  IconChartBar,
  IconHome,
  IconInbox,
  IconMoodSmile,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";
import { Link, useRouterState } from "@tanstack/react-router";
import { useMe } from "../api/use-me.ts";

type Entry = { to: string; name: string; icon: Icon; needsHierarchy?: true };

/** What has no function yet has no entry. */
const entries: readonly Entry[] = [
  { to: "/home", name: "Home", icon: IconHome },
  { to: "/accounts", name: "Accounts", icon: IconBuilding },
  { to: "/organizations", name: "Organizations", icon: IconBuildingSkyscraper, needsHierarchy: true },
  { to: "/users", name: "Users", icon: IconUsers },
  { to: "/nps", name: "NPS", icon: IconMoodSmile },
  { to: "/polls", name: "Polls", icon: IconChartBar },
  { to: "/deliveries", name: "Deliveries", icon: IconInbox },
  { to: "/settings", name: "Settings", icon: IconSettings },
];

export function useEntries(): readonly Entry[] {
  const { workspace } = useMe();
  return entries.filter(({ needsHierarchy }) => !needsHierarchy || workspace?.hierarchy);
}

export function Navigation() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  return (
    <nav aria-label="Pages">
      {useEntries().map(({ to, name, icon: Sign }) => {
        const isHere = path === to || path.startsWith(`${to}/`);
        return (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={name}
            leftSection={<Sign size={18} stroke={1.7} aria-hidden />}
            active={isHere}
            aria-current={isHere ? "page" : undefined}
            py={6}
            my={1}
            style={{ borderRadius: "var(--mantine-radius-md)" }}
          />
        );
      })}
    </nav>
  );
}
