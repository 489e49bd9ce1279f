import { Skeleton } from "@mantine/core";
import { type ReactNode, useDeferredValue } from "react";

/** Holds the place of what takes long to draw, and draws it behind the next paint: what it stands in is there at once. */
export function Later({ height, children }: { height: number; children: ReactNode }) {
  const isDue = useDeferredValue(true, false);
  return isDue ? children : <Skeleton height={height} />;
}
