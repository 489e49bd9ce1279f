import { Drawer, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed } from "./failed.tsx";
import { Loading } from "./loading.tsx";

type SidePanelProps<Data> = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  of: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
};

/** One of a list whole, beside the list. */
export function SidePanel<Data>({ title, isOpen, onClose, of, children }: SidePanelProps<Data>) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={620}
      title={<Text fw={650}>{title}</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {of.data !== undefined ? (
        children(of.data)
      ) : of.error ? (
        <Failed error={of.error} again={() => void of.refetch()} />
      ) : (
        <Loading />
      )}
    </Drawer>
  );
}
