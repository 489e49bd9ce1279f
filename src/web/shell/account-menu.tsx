import { Avatar, Group, Menu, Text, UnstyledButton, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { IconBook2, IconDeviceLaptop, IconLogout, IconMoon, IconSun, IconUserCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { send } from "../api/call.ts";
import { forgetWorkspace } from "../api/chosen-workspace.ts";
import { useMe } from "../api/use-me.ts";
import { tellFailed } from "../parts/tell.ts";
import { served } from "../served.ts";

const schemes = [
  { value: "light", name: "Light", icon: IconSun },
  { value: "dark", name: "Dark", icon: IconMoon },
  { value: "auto", name: "As the system", icon: IconDeviceLaptop },
] as const;

export function AccountMenu() {
  const { name, email, workspace } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu width={216} position="top-start" shadow="md">
      <Menu.Target>
        <UnstyledButton w="100%" p={6} bdrs="md">
          <Group gap="xs" wrap="nowrap">
            <Avatar size={28} radius="xl" name={name} color="teal" aria-hidden />
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text size="sm" fw={550} truncate>
                {name}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {workspace?.role ?? email}
              </Text>
              <VisuallyHidden>: your account</VisuallyHidden>
            </div>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item component={Link} to="/settings/you" leftSection={<IconUserCircle size={16} aria-hidden />}>
          Password and sessions
        </Menu.Item>
        <Menu.Item
          component="a"
          href={`${served.prefix}/api/reference`}
          leftSection={<IconBook2 size={16} aria-hidden />}
        >
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Look</Menu.Label>
        {schemes.map(({ value, name: label, icon: Sign }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            leftSection={<Sign size={16} aria-hidden />}
            rightSection={colorScheme === value ? "✓" : undefined}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function signOut(): Promise<void> {
  try {
    await send("DELETE", "/session");
    forgetWorkspace();
    location.assign(`${served.prefix}/sign-in`);
  } catch (error) {
    tellFailed(error);
  }
}
