import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,simulator,scripts,test}/**/*.test.ts"],
    globalSetup: ["test/support/test-server.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
