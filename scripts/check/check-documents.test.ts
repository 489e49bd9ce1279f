import { beforeEach, expect, test } from "vitest";
import { checkDocuments } from "./check-documents.ts";
import { checkPictures } from "./document-pictures.ts";

const sources = [
  { path: "src/platform/config.ts", text: 'readText(env, "DATA_DIR"); readNumber(env, "PORT");' },
  { path: "test/support/corpora.ts", text: 'const folder = process.env.CORPORA_DIR ?? process.env["OTHER_DIR"];' },
];
const paths = [
  "README.md",
  "docs/glossary.md",
  "docs/decisions/0001-one-database.md",
  "migrations/0001_main_job.sql",
  "scripts/run.mjs",
  "src/pipeline/README.md",
  "src/pipeline/facts.ts",
  "src/pipeline/inbox/deliveries-table.ts",
  "src/pipeline/inbox/deliveries-table.db.test.ts",
];

function check(text: string, path = "README.md", others: { path: string; text: string }[] = []) {
  const documents = [{ path, text }, ...others];
  const ignored = ["node_modules/", "dist/", "data/", "*.log"];
  return checkDocuments({ documents, sources, paths, ignored, scripts: ["start", "check", "faults:kill"], pictures });
}
/** In bytes. */
const pictures = new Map<string, number>();
beforeEach(() => pictures.clear());
const problems = (text: string, path?: string) => check(text, path).map(({ problem }) => problem);

test.each([
  "src/pipeline/facts.ts",
  "./src/pipeline/facts.ts",
  "src/pipeline/facts.ts:12",
  "src/pipeline/",
  "src/pipeline",
  "facts.ts",
  "-table.ts",
  ".db.test.ts",
  "src/**/*-table.ts",
  "src/*/facts.ts",
  "src/pipeline/{facts,outcome}.ts",
  "src/pipeline/inbox/<table>-table.ts",
  "migrations/0001_….sql",
  "data/secret.key",
  "./data",
  "dist/plumbline.js",
])("knows the path `%s`", (path) => {
  expect(problems(`See \`${path}\`.`)).toEqual([]);
});

test.each([
  "src/pipeline/fact.ts",
  "src/pipline/",
  "pipeline/facts.ts",
  "benches/support",
  "fact.ts",
  "-tables.ts",
  "src/**/*-page.tsx",
  "src/pipeline/{outcome,summary}.ts",
  "src/pipeline/outbox/<table>-table.ts",
  "migrations/0002_….sql",
  "src/pipeline/facts.ts/",
  "../README.md",
])("does not find the path `%s`", (path) => {
  expect(problems(`See \`${path}\`.`)).toEqual([expect.stringContaining(`names ${path}, which does not exist`)]);
});

test("reads paths from the document's folder too, and says where the file is", () => {
  expect(
    problems("`inbox/` and `inbox/deliveries-table.ts`, `../pipeline/facts.ts`", "src/pipeline/README.md"),
  ).toEqual([]);
  expect(problems("`inbox/deliveries-table.ts`", "README.md")).toEqual([
    "names inbox/deliveries-table.ts, which does not exist (src/pipeline/inbox/deliveries-table.ts does)",
  ]);
});

test.each([
  "deliveryId",
  "deliveries",
  "POST /hooks/pendo/<address>",
  "/api/v1/events",
  "application/json",
  "@fastify/swagger",
  "node:fs/promises",
  "https://example.com/x.json",
  "~/plumbline/x.json",
  "--out=deliveries/x.json",
  "GET/POST",
  "503/429",
  "select a/b from c",
  "reply.json()",
  "a.b.c",
  ".json",
  "workspace_id",
])("takes no path from `%s`", (code) => {
  expect(problems(`See \`${code}\`.`)).toEqual([]);
});

test("checks the paths of commands, in spans and blocks", () => {
  expect(problems("`node scripts/run.mjs src/pipeline/facts.ts --out x/y.json`")).toEqual([]);
  expect(problems("`node scripts/ran.mjs`")).toEqual(["names scripts/ran.mjs, which does not exist"]);
  expect(check("```sh\nls src/pipeline\nnode ./scripts/ran.mjs\n```")).toEqual([
    { path: "README.md", line: 3, problem: "names ./scripts/ran.mjs, which does not exist" },
  ]);
});

test("checks a drawn tree", () => {
  const tree = [
    "```",
    ".",
    "├── README.md            what it is",
    "├── docs/                decisions",
    "│   ├── decisions/",
    "│   │   └── 0002-gone.md  why",
    "│   └── glossary.md",
    "└── src/",
    "    ├── pipeline/        the data's way",
    "    │   └── outbox/",
    "    └── gone.ts",
    "```",
  ];
  expect(check(tree.join("\n")).map(({ line, problem }) => [line, problem])).toEqual([
    [6, "names ./docs/decisions/0002-gone.md, which does not exist"],
    [10, "names ./src/pipeline/outbox, which does not exist"],
    [11, "names ./src/gone.ts, which does not exist"],
  ]);
  expect(problems("```\nsrc/pipeline/\n├── facts.ts\n└── fact.ts\n```")).toEqual([
    "names src/pipeline/fact.ts, which does not exist",
  ]);
});

test.each([
  "`npm run check`",
  "```\nnpm run faults:kill -- --kills 10\n```",
  "`npm start`",
  "`npm ci`",
  "npm run gone",
])("knows the script in %s", (text) => {
  expect(problems(text)).toEqual([]);
});

test.each([
  ["`npm run gone`", "gone"],
  ["`npm run -s gone -- --x`", "gone"],
  ["`npm run faults:kil`", "faults:kil"],
  ["`npm test`", "test"],
  ["```sh\ncd plumbline\nnpm run gone\n```", "gone"],
])("does not find the script in %s", (text, script) => {
  expect(problems(text)).toEqual([`names the script ${script}, which package.json does not have`]);
});

test.each([
  "`DATA_DIR`",
  "`PORT`",
  "`PORT=5000 npm start`",
  "`CORPORA_DIR` and `OTHER_DIR`",
  "`CI=true`",
  "`COPY`, `SIGTERM`, `JSON`",
  "```sh\nADDRESS=$(plumbline connection create)\ncurl $ADDRESS\n```",
  "```\nhttp://127.0.0.1/?API_KEY=1\n```",
  "DATA_FOLDER",
])("knows the variables in %s", (text) => {
  expect(problems(text)).toEqual([]);
});

test.each([
  ["`DATA_FOLDER`", "DATA_FOLDER"],
  ["`HOST`", "HOST"],
  ["`DEBUG=1 npm start`", "DEBUG"],
  ["```sh\nDATA_FOLDER=/srv npm start\n```", "DATA_FOLDER"],
])("does not find the variable in %s", (text, name) => {
  expect(problems(text)).toEqual([`names the environment variable ${name}, which nothing reads`]);
});

test("follows links from the document's folder, and to headings", () => {
  const glossary = { path: "docs/glossary.md", text: "# Words we use\n\n## The `door`: in\n\n## The `door`: in\n" };
  const good = "[a](docs/glossary.md) [b](docs/) [c](#one) [d](https://example.com/x.md) [e](/docs/glossary.md)";
  expect(check(`# One\n\n${good}`, "README.md", [glossary])).toEqual([]);
  expect(check("[a](docs/glossary.md#the-door-in-1)", "README.md", [glossary])).toEqual([]);
  expect(problems("[up](../README.md) [here](glossary.md)", "docs/glossary.md")).toEqual([]);
  const bad =
    '[a](glossary.md)\n![the way](docs/way.svg)\n[c](#two)\n[d](docs/glossary.md#the-dor)\n[e]: gone.md\n<img src="x.svg" alt="an x">';
  expect(
    check(`${bad}\n\n# One\n`, "README.md", [glossary]).map(({ line, problem }) => [line, problem.split(",")[0]]),
  ).toEqual([
    [1, "links to glossary.md"],
    [2, "links to docs/way.svg"],
    [3, "links to #two"],
    [4, "links to docs/glossary.md#the-dor"],
    [5, "links to gone.md"],
    [6, "links to x.svg"],
  ]);
});

test.each([
  "![A bar for each day](pictures/day.webp)",
  '<img src="pictures/day.webp" width="49%" alt="A bar for each day">',
  '<picture>\n<source media="x" srcset="pictures/day.webp">\n<img src="https://example.com/day.webp" alt="A\nbar for each day">\n</picture>',
])("takes a picture that is there, small, and told in words: %s", (text) => {
  pictures.set("docs/pictures/day.webp", 200 * 1024);
  expect(check(text, "docs/glossary.md").filter(({ problem }) => !problem.startsWith("links to"))).toEqual([]);
});

test.each([
  "![](pictures/day.webp)",
  "![day.webp](pictures/day.webp)",
  '<img src="pictures/day.webp">',
  '<img alt=" " src="pictures/day.webp">',
  '<picture><source srcset="pictures/night.webp"><img src="pictures/day.webp" alt=""></picture>',
])("does not take a picture that is not told in words: %s", (text) => {
  expect(checkPictures([{ path: "docs/glossary.md", text: `\n${text}` }], new Map())).toEqual([
    {
      path: "docs/glossary.md",
      line: 2,
      problem: "shows pictures/day.webp and does not say in words what is seen on it (alt)",
    },
  ]);
});

test("finds pictures that are missing, too large, too many, or shown nowhere", () => {
  const shown = "![a day](docs/pictures/day.webp) ![a night](docs/pictures/night.webp)";
  expect(problems(shown)).toEqual([
    "links to docs/pictures/day.webp, which does not exist",
    "links to docs/pictures/night.webp, which does not exist",
  ]);
  const find = (text: string, sizes: Record<string, number>) =>
    checkPictures([{ path: "README.md", text }], new Map(Object.entries(sizes))).map(({ path, problem }) => [
      path,
      problem,
    ]);
  expect(find(shown, { "docs/pictures/day.webp": 200 * 1024, "docs/pictures/night.webp": 200 * 1024 + 1 })).toEqual([
    ["docs/pictures/night.webp", "has 201 KiB: a picture has at most 200 KiB"],
  ]);
  expect(find("`![a day](docs/pictures/day.webp)`", { "docs/pictures/day.webp": 1 })).toEqual([
    ["docs/pictures/day.webp", "is shown in no document"],
  ]);
  const names = [...Array(8).keys()].map((place) => `docs/pictures/${place}.webp`);
  const gallery = names.map((name) => `![one of many](${name})`).join("\n");
  const sizes = (each: number) => Object.fromEntries(names.map((name) => [name, each]));
  expect(find(gallery, sizes(192 * 1024))).toEqual([]);
  expect(find(gallery, sizes(192 * 1024 + 1))).toEqual([
    ["docs/pictures/0.webp", "and the other pictures have 1537 KiB: together they have at most 1536 KiB"],
  ]);
});

test("names the line of a span that begins below a block", () => {
  expect(check("```\ntext\n```\n\nThe file `src/gone.ts` and\n``src/lost.ts``").map(({ line }) => line)).toEqual([
    5, 6,
  ]);
});
