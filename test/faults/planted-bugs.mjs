// Bugs that somebody could make, each with the short run that must notice it. `find` stands exactly once in its file.

/** @typedef {{ file: string, find: string, replace: string }} Change */
/** @typedef {{ name: string, changes: Change[], test: string }} PlantedBug */

const record = "src/pipeline";

/** @type {PlantedBug[]} */
export const plantedBugs = [
  {
    name: "answered before it is committed",
    changes: [
      {
        file: `${record}/inbox/append-deliveries.ts`,
        find: "enqueue({ arrival, resolve, reject });",
        replace: "enqueue({ arrival, resolve, reject });\n        resolve();",
      },
    ],
    test: "kill-storm",
  },
  {
    name: "a failed write is answered as if it had worked",
    changes: [
      {
        file: `${record}/inbox/append-deliveries.ts`,
        find: "for (const one of batch) one.reject(error);",
        replace: "for (const one of batch) one.resolve();",
      },
    ],
    test: "database-faults",
  },
  {
    name: "a lost connection of the pool ends the process",
    changes: [{ file: "src/platform/database/pool.ts", find: 'pool.on("error"', replace: 'pool.on("remove"' }],
    test: "database-faults",
  },
  {
    name: "a refusal without Retry-After",
    changes: [{ file: `${record}/door/answers.ts`, find: '"retry-after": "2",', replace: "" }],
    test: "database-faults",
  },
  {
    name: "a server that hangs is left hanging",
    changes: [
      {
        file: "src/platform/embedded-postgres/hanging-server.ts",
        find: "if (now - silentSince < silence) return false;",
        replace: "if (now >= silentSince) return false;",
      },
    ],
    test: "hanging-server",
  },
  {
    name: "the watchdog leaves a server alone that hangs in its shutdown",
    changes: [
      {
        file: "src/platform/embedded-postgres/watchdog.ts",
        find: 'is_server "$1" && kill -QUIT "$pid"',
        replace: "true",
      },
    ],
    test: "shutdown-in-recovery",
  },
  {
    name: "no dedupe: the id of an event is another each time",
    changes: [
      {
        file: "src/pendo/read-delivery.ts",
        find: "const { identifies } = readId(message.uniqueId);",
        replace: "const identifies = String(Math.random());",
      },
    ],
    test: "duplicates",
  },
  {
    name: "a score of 0 is dropped",
    changes: [
      {
        file: "src/pendo/kinds/nps-submitted.ts",
        find: "find((value) => !isBlank(value))",
        replace: "find((value) => Boolean(value))",
      },
    ],
    test: "duplicates",
  },
  {
    name: "seconds are read as milliseconds",
    changes: [
      {
        file: "src/pendo/read-time.ts",
        find: "Math.abs(value) < secondsBelow ? Math.round(value * 1000) : Math.round(value)",
        replace: "Math.round(value)",
      },
    ],
    test: "duplicates",
  },
  {
    name: "the ledger forgets what was counted before",
    changes: [
      {
        file: `${record}/inbox/ledger-counts-table.ts`,
        find: "received = l.received + excluded.received",
        replace: "received = excluded.received",
      },
    ],
    test: "duplicates",
  },
  {
    name: "settled without having been recorded",
    changes: [
      {
        file: `${record}/process-deliveries.ts`,
        find: "await recordMatchedItems(tx, workspaceId, items);",
        replace:
          'for (const one of items) if (one.at.step === "matched") one.at = { step: "ended", end: { isDuplicate: false, made: [] } };',
      },
    ],
    test: "duplicates",
  },
  {
    name: "a membership can be there twice",
    changes: [
      {
        file: "migrations/0001_main_job.sql",
        find: "  primary key (workspace_id, account_id, user_id),\n",
        replace: "",
      },
    ],
    test: "duplicates",
  },
  {
    name: "a reason completes its score only when it comes after it",
    changes: [
      {
        file: `${record}/record/nps-responses-table.ts`,
        find: "item.respondent !== null && isNew",
        replace: "item.respondent !== null && item.nps!.feedback !== null && isNew",
      },
    ],
    test: "duplicates",
  },
  {
    name: "parked deliveries are given up",
    changes: [
      {
        file: `${record}/summarize-delivery.ts`,
        find: 'return { state: "parked", reason',
        replace: 'return { state: "filtered", reason',
      },
    ],
    test: "parked",
  },
  {
    name: "a batch fails whole: the poison takes its neighbours along",
    changes: [
      {
        file: `${record}/process-deliveries.ts`,
        find: "if (deliveryIds.length === 1) return failDelivery(options, workspaceId, deliveryIds[0]!, cause);",
        replace:
          "for (const id of deliveryIds) await failDelivery(options, workspaceId, id, cause);\n  if (deliveryIds.length > 0) return deliveryIds.length;",
      },
    ],
    test: "poison",
  },
  {
    name: "two ids become one: spaces and case are ignored",
    changes: [
      {
        file: "src/pendo/read-id.ts",
        find: "return { text, identifies: text, distinguishes: text };",
        replace: "return { text, identifies: text.trim().toLowerCase(), distinguishes: text };",
      },
    ],
    test: "poison",
  },
  {
    name: "the raw body is kept as text, not as it came",
    changes: [
      {
        file: `${record}/door/accept-delivery.ts`,
        find: "createArrival(connection, body, size);",
        replace: 'createArrival(connection, Buffer.from(body.toString("utf8")), size);',
      },
    ],
    test: "poison",
  },
  {
    name: "everything is taken in, however much waits",
    changes: [
      { file: `${record}/inbox/append-deliveries.ts`, find: "mostPending: 5_000,", replace: "mostPending: 5_000_000," },
    ],
    test: "overload",
  },
  {
    name: "one connection may fill the whole inbox",
    changes: [
      {
        file: `${record}/inbox/append-deliveries.ts`,
        find: "if (ofConnection > 0 && ofConnection >= limits.mostPending - queued) return",
        replace: "if (ofConnection >= limits.mostPending) return",
      },
    ],
    test: "overload",
  },
  {
    name: "lists of records show every workspace, and row-level security lets them",
    changes: [
      {
        file: "src/platform/database/api-role.ts",
        find: "workspace_id = (select nullif(current_setting('plumbline.workspace_id', true), '')::uuid)",
        replace: "true",
      },
      {
        file: `${record}/use/records-queries.ts`,
        find: '[{ sql: "r.workspace_id = ?", values: [workspaceId] }]',
        replace: '[{ sql: "(r.workspace_id = ? or true)", values: [workspaceId] }]',
      },
    ],
    test: "tenants",
  },
  {
    name: "a connection of the API keeps the workspace of before",
    changes: [
      {
        file: "src/platform/database/api-role.ts",
        find: "text: \"select set_config('plumbline.workspace_id', $1, false)\"",
        replace:
          "text: \"select set_config('plumbline.workspace_id', coalesce(nullif(current_setting('plumbline.workspace_id', true), ''), $1), false)\"",
      },
    ],
    test: "tenants",
  },
];
