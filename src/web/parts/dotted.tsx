import { Children, Fragment, type ReactNode } from "react";

/** Small facts in one line, with a dot between each two. What is not there leaves no dot behind. */
export function Dotted({ children }: { children: ReactNode }) {
  return Children.toArray(children).map((fact, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the facts stay in their order.
    <Fragment key={place}>
      {place > 0 && " · "}
      {fact}
    </Fragment>
  ));
}
