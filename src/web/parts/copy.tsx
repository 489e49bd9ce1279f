import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** An id in monospace with a button that copies it. `short`: only its beginning is shown. */
export function Copyable({ text, short, label = "Copy" }: { text: string; short?: boolean; label?: string }) {
  const shown = short && text.length > 13 ? `${text.slice(0, 8)}…` : text;
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex" miw={0}>
      <Text span inherit className="mono" title={text}>
        {shown}
      </Text>
      <CopyIcon text={text} label={label} />
    </Group>
  );
}

export function CopyIcon({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <CopyButton value={text} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : label}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color={copied ? "teal" : "gray"}
            aria-label={copied ? "Copied" : label}
            onClick={copy}
          >
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
