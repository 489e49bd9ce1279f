import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";

/** Holds the place of what is coming, so that nothing jumps. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <Stack gap="sm" role="status" aria-busy>
      <VisuallyHidden>Loading</VisuallyHidden>
      {[...Array(lines).keys()].map((place) => (
        <Skeleton key={place} height={20} width={`${[96, 82, 90, 74, 88, 66][place % 6]}%`} radius="sm" />
      ))}
    </Stack>
  );
}
