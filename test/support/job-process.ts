// A process that works on jobs and never gets done with one of the name stuck: it says so, and waits to be killed.
import { createPool, type DatabaseSettings } from "../../src/platform/database/pool.ts";
import { startJobs } from "../../src/platform/jobs.ts";
import { createLog } from "../../src/platform/log.ts";

const log = createLog({ format: "json", level: "silent" });
const settings = JSON.parse(process.env.DATABASE_SETTINGS ?? "") as DatabaseSettings;
startJobs({
  database: createPool(settings, { max: 4, name: "tests", log }),
  log,
  tasks: {
    async stuck() {
      process.stdout.write("started\n");
      await new Promise(() => {});
    },
  },
});
