import { Group, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { chooseWorkspace } from "../api/chosen-workspace.ts";
import { useMe } from "../api/use-me.ts";
import { served } from "../served.ts";
import { Mark } from "./mark.tsx";

export function WorkspaceSwitcher() {
  const { workspace, workspaces, may } = useMe();
  const open = (id: string) => {
    chooseWorkspace(id);
    // From the start: nothing of the one before may stay on the page.
    location.assign(`${served.prefix}/home`);
  };
  return (
    <Menu width={216} position="bottom-start" shadow="md">
      <Menu.Target>
        <UnstyledButton w="100%" px={6} py={6} bdrs="md">
          <Group gap="xs" wrap="nowrap">
            <Mark />
            <Text fw={650} size="sm" truncate flex={1}>
              {workspace?.name ?? "Plumbline"}
            </Text>
            <VisuallyHidden>: choose another workspace</VisuallyHidden>
            <IconSelector size={16} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Workspaces</Menu.Label>
        {workspaces.map(({ id, name, role }) => (
          <Menu.Item
            key={id}
            onClick={() => open(id)}
            rightSection={id === workspace?.id ? <IconCheck size={14} aria-label="open" /> : undefined}
          >
            <Text size="sm" lineClamp={2}>
              {name}
            </Text>
            <Text size="xs" c="dimmed">
              {role}
            </Text>
          </Menu.Item>
        ))}
        {may("admin") && (
          <>
            <Menu.Divider />
            <Menu.Item component={Link} to="/settings/workspace" leftSection={<IconPlus size={14} aria-hidden />}>
              New workspace
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
