// What an administrator sets, and what is everybody's own; one entry for each.
import { Box, Card, Group, SimpleGrid, Text, ThemeIcon } from "@mantine/core";
import {
  type Icon,
  IconFileImport,
  IconHistory,
  IconKey,
  IconPlugConnected,
  IconUserCircle,
  IconUsersGroup,
  IconWorldCog,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type Scope, useMe } from "../../api/use-me.ts";
import { Page } from "../../parts/page.tsx";

type Entry = { to: string; name: string; says: string; icon: Icon; needs: Scope };

const entries: readonly Entry[] = [
  {
    to: "/settings/integrations",
    name: "Integrations",
    says: "Pendo: its webhooks, who is who, reports, and what is to be repaired.",
    icon: IconPlugConnected,
    needs: "read",
  },
  {
    to: "/settings/imports",
    name: "Imports",
    says: "Organizations, accounts and users from CSV files.",
    icon: IconFileImport,
    needs: "read",
  },
  {
    to: "/settings/workspace",
    name: "Workspace",
    says: "Its name, whether it has organizations, and other workspaces.",
    icon: IconWorldCog,
    needs: "admin",
  },
  {
    to: "/settings/members",
    name: "Members",
    says: "Who may come in, and what they may do.",
    icon: IconUsersGroup,
    needs: "admin",
  },
  {
    to: "/settings/api-keys",
    name: "API keys",
    says: "For programs: this API, and the one for clients written for Vitally.",
    icon: IconKey,
    needs: "admin",
  },
  {
    to: "/settings/audit-log",
    name: "Audit log",
    says: "Who changed what, when and from where.",
    icon: IconHistory,
    needs: "admin",
  },
  {
    to: "/settings/you",
    name: "You",
    says: "Your password, and where you are signed in.",
    icon: IconUserCircle,
    needs: "read",
  },
];

export function SettingsPage() {
  const { may } = useMe();
  return (
    <Page title="Settings" width="form">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {entries
          .filter(({ needs }) => may(needs))
          .map(({ to, name, says, icon: Sign }) => (
            <Card key={to} component={Link} to={to} withBorder padding="md" className="card-link">
              <Group wrap="nowrap" align="flex-start">
                <ThemeIcon variant="light" size={36} radius="md" aria-hidden>
                  <Sign size={20} stroke={1.7} />
                </ThemeIcon>
                <Box>
                  <Text fw={600}>{name}</Text>
                  <Text size="sm" c="dimmed">
                    {says}
                  </Text>
                </Box>
              </Group>
            </Card>
          ))}
      </SimpleGrid>
    </Page>
  );
}
