// What people and programs are served: the pages, /api/v1, and /resources for clients written for Vitally. app.ts puts together what
// it is served from.
import { join } from "node:path";
import { createAccess } from "./access/access.ts";
import { addApiKeyRoutes } from "./access/api-keys-routes.ts";
import { findKey } from "./access/api-keys-table.ts";
import { addAuditRoutes } from "./access/audit-routes.ts";
import { requireSignIn } from "./access/authenticate.ts";
import { createIdempotency } from "./access/idempotency-keys-table.ts";
import { addInvitationRoutes, addMemberRoutes } from "./access/member-routes.ts";
import { noteExport } from "./access/note-export.ts";
import { addPages, createNotFound } from "./access/pages/pages.ts";
import { addSessionRoutes, addSignInRoute } from "./access/session-routes.ts";
import { findTeam } from "./access/workspace-members-table.ts";
import { addWorkspaceRoutes } from "./access/workspace-routes.ts";
import type { Topic } from "./contract/changes.ts";
import { addImportRoutes } from "./import/import-routes.ts";
import { addDocument, addReference } from "./openapi/openapi-routes.ts";
import { createPendoReports } from "./pendo/client/ask-for-reports.ts";
import type { PendoClients } from "./pendo/client/pendo-clients.ts";
import { findWebhookPage, type PendoRegion } from "./pendo/client/regions.ts";
import { sampleIds } from "./pendo/create-samples.ts";
import { pendoKinds } from "./pendo/kinds/index.ts";
import { addInboxRoutes } from "./pipeline/inbox/inbox-routes.ts";
import { addLiveRoutes } from "./pipeline/inbox/live-routes.ts";
import { addReplayRoutes } from "./pipeline/inbox/replay-routes.ts";
import { addMatchRoutes } from "./pipeline/match/match-routes.ts";
import { createMatchActions } from "./pipeline/match-actions.ts";
import { clearSource } from "./pipeline/record/clear-source.ts";
import { findTraitSettings } from "./pipeline/record/trait-settings-table.ts";
import { saveTraitSettings } from "./pipeline/save-trait-settings.ts";
import { saveTraits } from "./pipeline/save-traits.ts";
import { removeSamples, sendSamples } from "./pipeline/send-samples.ts";
import { sendDeliveriesAgain, settleHeld, stopReplay } from "./pipeline/send-through-again.ts";
import { addExportRoutes } from "./pipeline/use/export-routes.ts";
import { addNumbersRoutes } from "./pipeline/use/numbers-routes.ts";
import { addTraitRoutes } from "./pipeline/use/trait-routes.ts";
import { addUseRoutes } from "./pipeline/use/use-routes.ts";
import type { ChangeStream } from "./platform/change-stream.ts";
import { tellOfChanges } from "./platform/change-stream.ts";
import { checkRequestsStrictly } from "./platform/check-requests.ts";
import type { Config } from "./platform/config.ts";
import { openWorkspace } from "./platform/database/api-role.ts";
import type { DatabasePool } from "./platform/database/pool.ts";
import { createExports } from "./platform/exports.ts";
import type { HttpError, HttpServer } from "./platform/http-server.ts";
import type { Log } from "./platform/log.ts";
import { packageRoot } from "./platform/package-root.ts";
import { limitRequests } from "./platform/rate-limit.ts";
import { createRequestBudgets } from "./platform/request-budget.ts";
import type { SecretBox } from "./platform/secret-box.ts";
import { sourceOfReport } from "./reports/report.ts";
import { addReportRoutes } from "./reports/report-routes.ts";
import { addConnectionRoutes } from "./settings/connection-routes.ts";
import { announceChange } from "./settings/connections.ts";
import { addJobRoutes } from "./settings/job-routes.ts";
import { addRestApi } from "./vitally/rest/rest-api.ts";

export type ApiParts = {
  server: Pick<HttpServer, "app" | "showNotFound">;
  config: Config;
  log: Log;
  clock: () => Date;
  /** The main pool: for what belongs to no workspace. */
  pool: DatabasePool;
  /** Of a role that sees one workspace at a time. */
  apiPool: DatabasePool;
  secretBox: SecretBox;
  pendo: PendoClients;
  changes: ChangeStream;
  announceTopics: (workspaceId: string, topics: readonly Topic[]) => void;
  describeError: (error: Error) => HttpError | undefined;
  /** Where the door is reached, here or elsewhere. */
  findDoor: () => string;
};

export async function addApi(parts: ApiParts): Promise<void> {
  const { config, log, clock, pool, secretBox, pendo, changes, announceTopics, describeError } = parts;
  const { app, showNotFound } = parts.server;
  const access = createAccess({
    database: pool,
    clock,
    log,
    publicUrl: config.publicUrl,
    oidc: config.oidc,
  });
  await app.register(async (pages) =>
    addPages(pages, access, { describeError, folder: join(packageRoot, "dist/web") }),
  );
  showNotFound(createNotFound(config.publicUrl));
  app.decorate("openWorkspace", (workspaceId) => openWorkspace(parts.apiPool, workspaceId));
  await app.register(
    async (api) => {
      api.decorate("ownApi", { idempotency: createIdempotency({ secretBox, clock }) });
      checkRequestsStrictly(api);
      const readDocument = await addDocument(api, config);
      addReference(app, readDocument);
      addSignInRoute(api, access);
      await api.register(async (guarded) => {
        limitRequests(guarded, createRequestBudgets(clock, config.apiRequestsPerMinute), () =>
          requireSignIn(guarded, access),
        );
        tellOfChanges(guarded, "/api/v1", announceTopics);
        changes.addRoute(guarded, "/api/v1");
        addSessionRoutes(guarded, access);
        addMemberRoutes(guarded, access);
        addInvitationRoutes(guarded, access);
        addWorkspaceRoutes(guarded, access);
        addApiKeyRoutes(guarded, { clock });
        addJobRoutes(guarded, { database: pool, clock });
        const exports = createExports({ note: (wanted) => noteExport(wanted, clock()) });
        addAuditRoutes(guarded, exports);
        addInboxRoutes(guarded, exports);
        addExportRoutes(guarded, exports);
        addImportRoutes(guarded, { clock, mostBytes: config.importMostBytes, announce: announceChange });
        addLiveRoutes(guarded, {
          clock,
          kinds: pendoKinds,
          sampleIds,
          webhookPageOf: (region) => findWebhookPage(region as PendoRegion),
        });
        addReplayRoutes(guarded, {
          sendAgain: (seen, asked, filter) => sendDeliveriesAgain({ database: seen, secretBox, clock }, asked, filter),
          stopReplay: (tx, of, author) => stopReplay(tx, of, author, clock()),
        });
        addConnectionRoutes(guarded, {
          secretBox,
          clock,
          publicUrl: config.publicUrl,
          testKey: pendo.testKey,
          sendSamples: (seen, of) => sendSamples({ database: seen, secretBox, clock, baseUrl: parts.findDoor() }, of),
          removeSamples: (seen, workspaceId, author) => removeSamples({ database: seen, clock }, workspaceId, author),
          settleHeld: (seen, of, action, author) =>
            settleHeld({ database: seen, secretBox, clock }, of, action, author),
        });
        addMatchRoutes(guarded, createMatchActions({ database: pool, clients: pendo, clock }));
        addUseRoutes(guarded);
        addNumbersRoutes(guarded, { clock });
        addReportRoutes(guarded, {
          pendo: createPendoReports(pendo),
          clock,
          clearTraits: (tx, { workspaceId, level, id }, readAt) =>
            clearSource(tx, { workspaceId, recordType: level, source: sourceOfReport(id), readAt }),
        });
        addTraitRoutes(guarded, {
          saveTraits: (workspace, to, said) => saveTraits(workspace, { ...to, source: "api", at: clock() }, said),
          findSettings: findTraitSettings,
          saveSettings: (workspace, of, settings) => saveTraitSettings(workspace, of, settings, clock()),
        });
      });
    },
    { prefix: "/api/v1" },
  );
  const findApiKey = async (key: string) => {
    const found = await findKey(pool, key, clock());
    return found?.state === "valid" ? found : undefined;
  };
  const findAdmins = (workspaceId: string, email: string) => findTeam(pool, workspaceId, email);
  await app.register(
    async (rest) => {
      tellOfChanges(rest, "/resources", announceTopics);
      addRestApi(rest, { findKey: findApiKey, findAdmins, describeError, clock, log });
    },
    { prefix: "/resources" },
  );
}
