import { expect, test } from "vitest";
import { checkImports } from "./check-imports.ts";

const check = (path: string, text: string) => checkImports([{ path, text }]);
const imports = (target: string) => `import { x } from "${target}";`;

test.each([
  ["contract, anything of ours", "src/contract/api.ts", "../platform/json.ts"],
  ["platform, a stage", "src/platform/jobs.ts", "../pipeline/inbox/deliveries-table.ts"],
  ["platform, the words", "src/platform/jobs.ts", "../pipeline/facts.ts"],
  ["pendo, a stage", "src/pendo/kinds/ping.ts", "../../pipeline/record/record-items.ts"],
  ["pendo, contract", "src/pendo/read-id.ts", "../contract/api.ts"],
  ["pendo, where stages meet", "src/pendo/read-id.ts", "../pipeline/work-inbox.ts"],
  ["a stage, another stage", "src/pipeline/door/check-body.ts", "../inbox/append-deliveries.ts"],
  ["a stage, pendo", "src/pipeline/match/match-claims.ts", "../../pendo/read-id.ts"],
  ["a stage, settings", "src/pipeline/use/use-routes.ts", "../../settings/connections.ts"],
  ["a stage, where stages meet", "src/pipeline/record/record-items.ts", "../process-deliveries.ts"],
  ["a stage, the app", "src/pipeline/use/use-routes.ts", "../../app.ts"],
  ["the words, a stage", "src/pipeline/facts.ts", "./match/match-claims.ts"],
  ["the words, where stages meet", "src/pipeline/outcome.ts", "./work-inbox.ts"],
  ["settings, a stage", "src/settings/connections.ts", "../pipeline/door/find-connection.ts"],
  ["access, a command", "src/access/authenticate.ts", "../commands/command.ts"],
  ["send, access", "src/send/send-webhooks.ts", "../access/authenticate.ts"],
  ["web, platform", "src/web/pages/log/log-page.tsx", "../../../platform/json.ts"],
  ["the simulator, src", "simulator/deliveries/sign-body.ts", "../../src/pendo/read-id.ts"],
  ["the app, the simulator", "src/app.ts", "../simulator/main.ts"],
  ["where stages meet, the tests' support", "src/pipeline/work-inbox.ts", "../../test/support/test-app.ts"],
  ["anything, a test", "src/app.ts", "./app.test.ts"],
])("does not let import: %s", (_name, path, target) => {
  expect(check(path, `\n${imports(target)}`)).toEqual([
    { path, line: 2, problem: expect.stringMatching(/^imports (src|simulator|test)\/\S+, but /) },
  ]);
});

test.each([
  ["platform, contract and itself", "src/platform/routes.ts", ["../contract/api.ts", "./database/pool.ts"]],
  ["pendo, the words", "src/pendo/kinds/kind.ts", ["../../pipeline/facts.ts", "../../pipeline/outcome.ts"]],
  ["a stage, the words and itself", "src/pipeline/door/answers.ts", ["../outcome.ts", "./check-body.ts"]],
  ["a stage, the floor", "src/pipeline/use/use-routes.ts", ["../../platform/json.ts", "../../contract/api.ts"]],
  [
    "where stages meet, stages",
    "src/pipeline/process-deliveries.ts",
    ["./match/match-claims.ts", "../pendo/read-id.ts"],
  ],
  ["settings and access, each other", "src/settings/settings-routes.ts", ["../access/authenticate.ts"]],
  ["the app, everything", "src/app.ts", ["./pipeline/door/answers.ts", "./settings/connections.ts"]],
  ["a command, the app", "src/commands/start-command.ts", ["../app.ts", "../pipeline/use/facts-queries.ts"]],
  ["the simulator, itself", "simulator/world/words.ts", ["../random.ts"]],
  ["packages and Node", "src/contract/api.ts", ["typebox", "node:crypto", "@fastify/swagger"]],
  ["a test, everything", "src/contract/api.test.ts", ["../app.ts", "../../test/support/test-app.ts"]],
])("lets import: %s", (_name, path, targets) => {
  expect(check(path, targets.map(imports).join("\n"))).toEqual([]);
});

test.each([
  ["a type", 'import type { A } from "../app.ts";'],
  ["for its effects", 'import "../app.ts";'],
  ["to export it", 'export { a } from "../app.ts";'],
  ["to export all of it", 'export * from "../app.ts";'],
  ["when run", 'const app = await import("../app.ts");'],
  ["when run, in a template", "const app = await import(`../app.ts`);"],
  ["as a type in place", 'type A = import("../app.ts").A;'],
  ["with require", 'const app = require("../app.ts");'],
])("sees an import: %s", (_name, text) => {
  expect(check("src/platform/jobs.ts", text)).toHaveLength(1);
});

test("sees no import in comments and texts", () => {
  expect(check("src/platform/jobs.ts", `// import "../app.ts"\nconst text = 'import "../app.ts"';`)).toEqual([]);
});

test("asks for a rule where a folder has none", () => {
  expect(check("src/helpers/x.ts", "")).toEqual([
    { path: "src/helpers/x.ts", line: 1, problem: expect.stringContaining("has no import rule") },
  ]);
  expect(check("src/pipeline/sixth/x.ts", "")).toHaveLength(1);
});

test("counts lines rightly below letters outside of ASCII", () => {
  expect(check("src/platform/jobs.ts", `// „ü“ … 🙂\n\n${imports("../app.ts")}`)[0]?.line).toBe(3);
});

test("throws for a file it cannot read, instead of passing it", () => {
  expect(() => check("src/platform/jobs.ts", "import {")).toThrow("src/platform/jobs.ts cannot be parsed");
});
