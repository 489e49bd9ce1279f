// What stands around every page: where one can go at the left, the workspace above it, oneself below it.
import {
  ActionIcon,
  AppShell,
  Box,
  Burger,
  Group,
  Kbd,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { Outlet, useRouter } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { useChanges } from "../api/use-live.ts";
import { useMe } from "../api/use-me.ts";
import { Loading } from "../parts/loading.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { Mark } from "./mark.tsx";
import { Navigation } from "./navigation.tsx";
import { NoWorkspace } from "./no-workspace.tsx";
import { Search } from "./search.tsx";
import { WorkspaceSwitcher } from "./workspace-switcher.tsx";

export function Frame() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const router = useRouter();
  const main = useRef<HTMLElement>(null);
  const { workspace } = useMe();
  useChanges();
  useEffect(
    () =>
      router.subscribe("onResolved", ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return;
        close();
        // Whoever does not see the page hears that it is another one.
        main.current?.focus({ preventScroll: true });
      }),
    [router, close],
  );
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={0}
    >
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <AppShell.Header hiddenFrom="sm">
        <Group h="100%" px="md" justify="space-between">
          <Group gap="xs">
            <Burger
              opened={isOpen}
              onClick={toggle}
              size="sm"
              aria-label={isOpen ? "Close the menu" : "Open the menu"}
              aria-expanded={isOpen}
            />
            <Mark />
            <Text fw={650}>Plumbline</Text>
          </Group>
          <Tooltip label="Search">
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Search" onClick={spotlight.open}>
              <IconSearch size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Plumbline">
        <AppShell.Section>
          <WorkspaceSwitcher />
          <SearchButton />
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea} type="auto" my="xs">
          {workspace && <Navigation />}
        </AppShell.Section>
        <AppShell.Section>
          <AccountMenu />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" className="ground" ref={main} tabIndex={-1} style={{ outline: "none" }}>
        <Box px={{ base: "md", sm: "xl" }} py={{ base: "md", sm: "lg" }}>
          <Suspense fallback={<Loading />}>{workspace ? <Outlet /> : <NoWorkspace />}</Suspense>
        </Box>
      </AppShell.Main>
      {workspace && <Search />}
    </AppShell>
  );
}

function SearchButton() {
  return (
    <UnstyledButton
      onClick={spotlight.open}
      w="100%"
      mt="xs"
      px="sm"
      py={6}
      bd="1px solid var(--mantine-color-default-border)"
      bdrs="md"
      visibleFrom="sm"
    >
      <Group gap="xs" wrap="nowrap">
        <IconSearch size={14} aria-hidden />
        <Text size="sm" c="dimmed" flex={1}>
          Search
        </Text>
        <Kbd size="xs" aria-hidden>
          {/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K"}
        </Kbd>
      </Group>
    </UnstyledButton>
  );
}
