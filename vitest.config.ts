import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,simulator,scripts,test}/**/*.test.ts"],
    globalSetup: ["test/support/test-server.ts"],
    pool: "forks",
    // One more than there are processors, where there are two: many tests wait for processes, leases and clocks.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
