import { Command, Option, type OptionValues } from "commander";
import { defaultMix, kinds, type Mix } from "./history/kinds.ts";
import {
  parseMix,
  parseNumber,
  parsePositive,
  parseShare,
  parseTime,
  parseTimeSpan,
  parseUrl,
  parseWhole,
} from "./parse-option.ts";
import { type Words, wordsToChoose } from "./world/create-world.ts";

export type Options = {
  url: URL | undefined;
  secret: string | undefined;
  seed: string;
  /** Distinct deliveries. */
  count: number;
  /** Epoch seconds: the end of the history. */
  now: number;
  /** Length of the history; undefined for about the present. */
  days: number | undefined;
  accounts: number;
  visitors: number;
  words: Words;
  mix: Mix;
  /** Seconds after `now` in which everything happens, each delivery sent when it does; undefined for what lies before. */
  live: number | undefined;
  /** Requests a second; 0 is as fast as possible. */
  rate: number;
  connections: number;
  retries: number;
  /** Milliseconds. */
  timeout: number;
  duplicates: number;
  /** Share of the deliveries that is never sent. */
  lose: number;
  isShuffled: boolean;
  isDryRun: boolean;
  isJson: boolean;
  outFile: string | undefined;
};

/** A flood keeps this many requests under way; at a fixed rate there may be as many as the receiver is behind. */
const connectionsOfFlood = 16;
const connectionsAtRate = 256;

/** Reads the command line (without program and script), prints help or what is wrong, and then ends the process. */
export function readOptions(argv: readonly string[]): Options {
  const command = new Command("simulate")
    .description(
      "Sends webhooks as Pendo would, from a world that follows from a seed, and says what must come of them.\n" +
        "`simulate --serve 4100 --key K` (or `simulate serve --port 4100 --integration-key K`) serves Pendo's API of the same\n" +
        "world, and with --url sends its webhooks as well; `simulate serve --help` lists its options.",
    )
    .option("--dry-run", "send nothing");
  addSendingOptions(addWorldOptions(command, "1000"))
    .showHelpAfterError("(--help lists the options)")
    .allowExcessArguments(false)
    .parse([...argv], { from: "user" });
  const given = command.opts();
  if (!given.url && !given.dryRun) command.error("error: --url is missing (or say --dry-run)");
  return fillOptions(given, 1000);
}

/** What the world is made of, the same for webhooks and API. */
export function addWorldOptions(command: Command, defaultCount: string): Command {
  return command
    .option("--seed <text>", "the same seed, options and --now give the same bytes", "1")
    .option("--count <number>", `distinct deliveries (default: ${defaultCount})`, parseWhole(0))
    .option(
      "--days <number>",
      "spread the deliveries over so many days (default: the last quarter of an hour)",
      parsePositive,
    )
    .option("--now <time>", "end of the history, ISO 8601 or epoch milliseconds (default: the current time)", parseTime)
    .option("--accounts <number>", "accounts in the world", parseWhole(1), 40)
    .option("--visitors <number>", "identified visitors in the world", parseWhole(1), 400)
    .addOption(
      new Option("--words <words>", "what things and people are called: with every trap, or as nearly everywhere")
        .choices(wordsToChoose)
        .default("hostile"),
    )
    .option("--kinds <list>", `kinds to send, with weights: a,b=2 (of: ${kinds.join(", ")})`, parseMix);
}

export function addSendingOptions(command: Command): Command {
  return command
    .option("--url <url>", "address of the webhook", parseUrl)
    .option("--secret <secret>", "secret of the webhook; without one, deliveries are not signed")
    .option(
      "--rate <number>",
      "requests a second, whether or not they are answered (default: as fast as possible)",
      parseNumber,
    )
    .option("--live <time>", "send what happens after --now, for so long (6h), each when it happens", parseTimeSpan)
    .option(
      "--connections <number>",
      `most requests under way (default: ${connectionsOfFlood}, with --rate ${connectionsAtRate})`,
      parseWhole(1),
    )
    .option("--retries <number>", "further attempts for a delivery that was not answered 2xx", parseWhole(0), 5)
    .option("--timeout <seconds>", "wait so long for an answer", parsePositive, 30)
    .option("--duplicates <share>", "send a share of the deliveries again, later", parseNumber, 0)
    .option("--lose <share>", "never send a share of the deliveries; the lines of --out say which", parseShare, 0)
    .option("--shuffle", "send in no order")
    .option("--out <file>", "write every distinct delivery and what must come of it as a line of JSON")
    .option("--json", "print the summary as one JSON document");
}

/** From the options of a command with those of the world and of sending. */
export function fillOptions(given: OptionValues, defaultCount: number): Options {
  return {
    url: given.url,
    secret: given.secret,
    seed: given.seed,
    count: given.count ?? defaultCount,
    now: given.now ?? Math.floor(Date.now() / 1000),
    days: given.days,
    accounts: given.accounts,
    visitors: given.visitors,
    words: given.words,
    mix: given.kinds ?? defaultMix,
    live: given.live === undefined ? undefined : given.live / 1000,
    rate: given.rate ?? 0,
    connections: given.connections ?? (given.rate > 0 ? connectionsAtRate : connectionsOfFlood),
    retries: given.retries,
    timeout: given.timeout * 1000,
    duplicates: given.duplicates,
    lose: given.lose,
    isShuffled: given.shuffle === true,
    isDryRun: given.dryRun === true,
    isJson: given.json === true,
    outFile: given.out,
  };
}
