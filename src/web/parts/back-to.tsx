import { Anchor } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

/** Above a title: to the page that this one belongs to. */
export function BackTo({ to, name }: { to: string; name: string }) {
  return (
    <Anchor component={Link} to={to} size="sm" c="dimmed" display="inline-flex" style={{ alignItems: "center" }}>
      <IconChevronLeft size={14} aria-hidden />
      {name}
    </Anchor>
  );
}
