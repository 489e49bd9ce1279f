// The import rules of ARCHITECTURE.md. A file of a place may import what the place's line allows and nothing else of ours;
// a file without a line is a finding too, so that a new folder gets its rule on the day it is made.
import { posix } from "node:path";
import type { Finding, SourceFile } from "./finding.ts";
import { listImports } from "./parse-source.ts";

type Rule = { of: RegExp; may: RegExp[]; says: string };

const namesOfMeetings =
  "process-deliveries|items-on-their-way|save-messages|save-memberships|record-tracks|work-inbox|summarize-delivery|save-records|save-nps-response|remove-record|save-traits|save-trait-settings|identify-wanted|save-mapping|read-identities|run-match-jobs|run-reports|run-imports|run-replays|match-again|match-facts-again|apply-mapping|preview-mapping|match-actions|send-through-again|send-samples|match-report|sync-report";
/** Where stages meet. Whoever imports one of these imports every stage. */
const meetings = new RegExp(`^src/pipeline/(${namesOfMeetings})\\.ts$`);
/** The other files directly in pipeline/: the words that stages speak to each other. */
const words = new RegExp(`^src/pipeline/(?!(${namesOfMeetings})\\.)[^/]+$`);
const factsAndOutcome = /^src\/pipeline\/(facts|outcome)\.ts$/;

const contract = /^src\/contract\//;
const platform = /^src\/platform\//;
const settings = /^src\/settings\//;
const access = /^src\/access\//;
/** Whoever changes something writes a line about it. */
const auditLog = /^src\/access\/audit-log-table\.ts$/;

const rules: Rule[] = [
  { of: contract, may: [contract], says: "contract imports nothing of ours" },
  { of: platform, may: [platform, contract], says: "platform imports only contract" },
  {
    of: /^src\/pendo\//,
    may: [/^src\/pendo\//, factsAndOutcome, platform],
    says: "pendo imports only pipeline/facts.ts, pipeline/outcome.ts and platform",
  },
  {
    of: /^src\/vitally\/analytics\//,
    may: [/^src\/vitally\/analytics\//, words, /^src\/pendo\/read-(id|time)\.ts$/, platform],
    says: "vitally/analytics imports only the words in pipeline/, platform, pendo/read-id.ts and pendo/read-time.ts",
  },
  ...["door", "inbox", "match", "record", "use"].map((stage) => {
    const itself = new RegExp(`^src/pipeline/${stage}/`);
    return {
      of: itself,
      may: [itself, platform, contract, words],
      says: "a stage imports only platform, contract, itself and the words in pipeline/; never another stage nor a file where stages meet",
    };
  }),
  {
    of: words,
    may: [words, platform, contract],
    says: "a file in pipeline/ imports a stage only where stages meet (the files named in scripts/check/check-imports.ts)",
  },
  {
    of: settings,
    may: [settings, access, platform, contract, factsAndOutcome],
    says: "settings imports only access, platform, contract, pipeline/facts.ts and pipeline/outcome.ts",
  },
  {
    of: access,
    may: [access, settings, platform, contract, factsAndOutcome],
    says: "access imports only settings, platform, contract, pipeline/facts.ts and pipeline/outcome.ts",
  },
  {
    of: /^src\/send\//,
    may: [/^src\/send\//, settings, platform, contract, factsAndOutcome],
    says: "send imports only settings, platform, contract, pipeline/facts.ts and pipeline/outcome.ts",
  },
  {
    of: /^src\/import\//,
    may: [
      /^src\/import\//,
      /^src\/pipeline\/(records|trait-values)\.ts$/,
      /^src\/pendo\/read-id\.ts$/,
      auditLog,
      contract,
      platform,
    ],
    says: "import imports only platform, contract, access/audit-log-table.ts, pipeline/records.ts, pipeline/trait-values.ts and pendo/read-id.ts (which ids identify nobody)",
  },
  {
    of: /^src\/reports\//,
    may: [
      /^src\/reports\//,
      /^src\/pipeline\/(records|trait-sources)\.ts$/,
      /^src\/pendo\/read-id\.ts$/,
      settings,
      auditLog,
      contract,
      platform,
    ],
    says: "reports imports only settings, access/audit-log-table.ts, contract, platform, pipeline/records.ts, pipeline/trait-sources.ts and pendo/read-id.ts",
  },
  {
    of: /^src\/vitally\//,
    may: [
      /^src\/vitally\//,
      words,
      /^src\/pipeline\/(save-records|save-nps-response|remove-record)\.ts$/,
      /^src\/pipeline\/use\//,
      /^src\/pipeline\/(inbox\/inbox-channel|record\/trait-settings-table)\.ts$/,
      /^src\/pendo\/read-id\.ts$/,
      auditLog,
      contract,
      platform,
    ],
    says: "vitally imports only platform, access/audit-log-table.ts, contract, the words in pipeline/, what saves and removes records, pipeline/use and pendo/read-id.ts (which ids identify nobody)",
  },
  {
    of: /^src\/openapi\//,
    may: [/^src\/openapi\//, /^src\/access\/pages\/html\.ts$/, platform, contract],
    says: "openapi imports only platform, contract and access/pages/html.ts",
  },
  { of: /^src\/web\//, may: [/^src\/web\//, contract], says: "web imports only contract" },
  {
    of: /^simulator\//,
    may: [/^simulator\//],
    says: "the simulator imports nothing of src: the two must not share a misunderstanding",
  },
  { of: meetings, may: [/^src\//], says: "the program imports nothing outside of src" },
  {
    of: /^src\/((app|app-api|main|recurring-jobs)\.ts$|commands\/)/,
    may: [/^src\//],
    says: "the program imports nothing outside of src",
  },
];

/** Tests may import everything. */
const isTest = (path: string) => /\.test\.tsx?$/.test(path);

export function checkImports(files: readonly SourceFile[]): Finding[] {
  return files.filter(({ path }) => !isTest(path)).flatMap(checkFile);
}

function checkFile(file: SourceFile): Finding[] {
  const rule = rules.find(({ of }) => of.test(file.path));
  if (!rule) {
    return [
      { path: file.path, line: 1, problem: "has no import rule: add its folder to scripts/check/check-imports.ts" },
    ];
  }
  return listImports(file).flatMap(({ target, line }) => {
    if (!target.startsWith(".")) return [];
    const imported = posix.join(posix.dirname(file.path), target);
    if (!isTest(imported) && rule.may.some((allowed) => allowed.test(imported))) return [];
    return [
      {
        path: file.path,
        line,
        problem: `imports ${imported}, but ${isTest(imported) ? "only tests import tests" : rule.says}`,
      },
    ];
  });
}
