// A demo for the pictures alone: filled anew in a folder that is removed with it, so that nothing is in a picture that somebody
// has tried in theirs.
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { cleanEnvironment, createOpenFolder, findFreePort } from "../../test/support/plumbline-process.ts";
import { createDemoApi, type DemoApi } from "../demo/api.mjs";

export type Demo = {
  url: string;
  /** Its API, as its key may read it. */
  api: DemoApi;
  /** Whoever opens it becomes the first administrator. */
  setupLink: string;
  /** The account that turned from promoter to detractor: the path of its page. */
  storyPath: string;
  stop: () => Promise<void>;
};

/** Run in the repository's root. Resolves when the workspace is filled; nothing more is sent to it then. */
export async function startDemo(): Promise<Demo> {
  const folder = createOpenFolder();
  const port = await findFreePort();
  const child = spawn(process.execPath, ["scripts/demo.mjs", "--no-live"], {
    env: { ...cleanEnvironment(), DEMO_DIR: folder, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const said = await readUntil(child, "Ctrl-C ends the demo");
    const find = (pattern: RegExp) => {
      const found = pattern.exec(said)?.[1];
      if (found === undefined)
        throw new Error(`The demo says nothing that fits ${pattern}: correct scripts/screenshots/start-demo.ts.`);
      return found;
    };
    const url = `http://127.0.0.1:${port}`;
    return {
      url,
      api: createDemoApi(url, find(/API key\s+(\S+)/)),
      setupLink: find(/Pages\s+(\S+\/setup#\S+)/),
      storyPath: find(/ turned from promoter to detractor: http:\/\/[^/]+(\S+)/),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readUntil(child: ChildProcess, end: string): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (said.includes(end)) resolve(said);
    });
    child.once("exit", (code) => reject(new Error(`The demo ended with ${code}:\n${said}`)));
  });
}
