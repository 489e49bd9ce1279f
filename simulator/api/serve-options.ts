import { Command, InvalidArgumentError, Option } from "commander";
import { addSendingOptions, addWorldOptions, fillOptions, type Options } from "../options.ts";
import { parseNumber, parseTimeSpan, parseWhole } from "../parse-option.ts";
import { regions } from "./http/authorize.ts";
import { parseFaults } from "./parse-faults.ts";
import type { PendoSimulatorOptions } from "./start-pendo-simulator.ts";

export type ServeOptions = {
  api: PendoSimulatorOptions;
  /** What to send while serving; without an address, nothing. */
  webhooks: Options;
  endsWithInput: boolean;
};

/** `simulate serve …`, or `simulate … --serve 4100 …`. */
export function asksToServe(words: readonly string[]): boolean {
  return words[0] === "serve" || words.some((word) => /^--serve(=|$)/.test(word));
}

/** Reads the command line without the word `serve`, prints help or what is wrong, and then ends the process. */
export function readServeOptions(argv: readonly string[]): ServeOptions {
  const command = new Command("simulate serve").description(
    "Serves Pendo's API from a world that follows from a seed. With --url, sends the webhooks of the same world as well.",
  );
  addSendingOptions(addWorldOptions(command, "20 for each visitor, at least 20000"))
    .option("--port <number>", "where to listen", parseWhole(0), 4100)
    .option("--host <address>", "where to listen", "127.0.0.1")
    .addOption(new Option("--serve [port]", "the same as --port").argParser(parseWhole(0)).conflicts("port"))
    .option("--integration-key <key>", "key that may read", "read-only-key")
    .addOption(new Option("--key <key>", "the same as --integration-key").conflicts("integrationKey"))
    .option("--write-key <key>", "key that may write, too", "write-key")
    .addOption(new Option("--region <region>", "keys of other regions are refused").choices(regions).default("us"))
    .option("--lag <time>", "events can be seen so much later (6h)", parseTimeSpan, 0)
    .option("--rate-limit <number>", "requests a second beyond which 429 is answered", parseNumber, 0)
    .option(
      "--fail <list>",
      "faults with their shares: 429:0.1,500:0.05,slow:0.02,cut:0.01; a third part is how long: slow:0.02:10s, 429:0.1:30s",
      readFaults,
      [],
    )
    .option("--reports-change", "every run of a report is the next version of it")
    .option("--until-eof", "end when the standard input does, as it does with the program that began this one")
    .option("--frozen-clock", "time passes only when it is advanced through /simulator/clock")
    .showHelpAfterError("(--help lists the options)")
    .allowExcessArguments(false)
    .parse([...argv], { from: "user" });
  const given = command.opts();
  // With fewer, not all visitors that are new in the period would get to appear.
  const webhooks = fillOptions(given, Math.max(20_000, given.visitors * 20));
  const { seed, count, now, days, accounts, visitors, words, mix } = webhooks;
  return {
    webhooks,
    endsWithInput: given.untilEof === true,
    api: {
      ...{ seed, count, now, days, accounts, visitors, words, mix },
      port: typeof given.serve === "number" ? given.serve : given.port,
      host: given.host,
      integrationKey: given.key ?? given.integrationKey,
      writeKey: given.writeKey,
      region: given.region,
      lag: given.lag,
      rateLimit: given.rateLimit,
      faults: given.fail,
      areReportsChanging: given.reportsChange === true,
      isClockRunning: given.frozenClock !== true,
    },
  };
}

function readFaults(text: string) {
  const rules = parseFaults(text);
  if (typeof rules === "string") throw new InvalidArgumentError(rules);
  return rules;
}
