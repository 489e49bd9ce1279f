import { useBlocker } from "@tanstack/react-router";

/** Asks before what was changed and not saved is left behind. */
export function useGuard(isChanged: boolean): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isChanged &&
      current.pathname !== next.pathname &&
      // The browser's own question: it is the same that it asks when the tab is closed.
      !window.confirm("What you changed is not saved. Leave it behind?"),
    enableBeforeUnload: isChanged,
  });
}
