import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./call.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Whoever comes back to the tab sees what is true now.
      refetchOnWindowFocus: true,
      // What the API refuses, it refuses again; only what did not arrive is worth another try.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status !== 0 && error.status < 500),
    },
  },
});
