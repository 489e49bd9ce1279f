import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These wait for a minute or more, for leases and timetables: begun first, they do so while others work. */
const waiting = ["report-storm", "match-again-killed", "jobs.db"];

class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWaiting = ({ moduleId }: TestSpecification) =>
      waiting.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isWaiting), ...sorted.filter((file) => !isWaiting(file))];
  }
}

export default defineConfig({
  test: {
    include: ["{src,simulator,scripts,test}/**/*.test.ts"],
    globalSetup: ["test/support/test-server.ts"],
    pool: "forks",
    // One more than there are processors, where there are two: many tests wait for processes, leases and clocks.
    maxWorkers: 3,
    sequence: { sequencer: WaitingFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
