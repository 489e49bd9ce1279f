import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { download, type Query } from "../api/call.ts";
import { tellFailed } from "./tell.ts";

/** The whole list as a file, as it is filtered now. */
export function ExportButton({
  path,
  filters,
  label = "Export CSV",
}: {
  path: string;
  filters: Query;
  label?: string;
}) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={() => void download(path, filters).catch(tellFailed)}
    >
      {label}
    </Button>
  );
}
