import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

type PageProps = {
  title: string;
  /** Above the title: where this page belongs. */
  above?: ReactNode;
  /** One line under the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** Forms read best in a narrow column, tables take what there is. */
  width?: "form" | "full";
  children: ReactNode;
};

/** What every page has: a title of its own, its actions at the right, and room. */
export function Page({ title, above, lead, actions, width = "full", children }: PageProps) {
  useDocumentTitle(`${title} – Plumbline`);
  return (
    <Stack gap="lg" maw={width === "form" ? 880 : 1320} mx="auto" w="100%">
      <Group justify="space-between" align="flex-end" gap="sm">
        <Box miw={0} flex="1 1 14rem">
          {above}
          <Title order={1}>{title}</Title>
          {lead && (
            <Text c="dimmed" size="sm" mt={4} component="div">
              {lead}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
