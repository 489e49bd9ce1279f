import { useBlocker } from "@tanstack/react-router";
import { ask } from "./confirm.tsx";

/** Asks before what was changed and not saved is left behind. A tab that is closed is asked about by the browser. */
export function useGuard(isChanged: boolean): void {
  useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      isChanged && current.pathname !== next.pathname && !(await askToLeave()),
    enableBeforeUnload: isChanged,
    disabled: !isChanged,
  });
}

export function askToLeave(): Promise<boolean> {
  return ask({
    title: "Leave without saving?",
    says: "What you changed here is not saved yet.",
    action: "Leave it behind",
    cancel: "Stay",
  });
}
