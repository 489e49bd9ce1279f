// Guides, pages, features and track types as Pendo lists them.
import type { App, Feature, Guide, Json, JsonObject, Page, Poll, TrackType, World } from "../../world/types.ts";

type CatalogueKind = "page" | "feature" | "guide" | "trackType";
export type Catalogue = Readonly<Record<CatalogueKind, readonly JsonObject[]>>;

const user: JsonObject = {
  id: "4804364563251200",
  username: "pendo-user@example.com",
  first: "Pat",
  last: "Example",
  role: 8,
  userType: "user",
};

export function createCatalogue(world: World): Catalogue {
  const createdAt = (world.period.from - 365 * 24 * 3600) * 1000;
  return {
    guide: world.guides.map(createGuide),
    page: world.pages.map(createPage),
    feature: world.features.map(createFeature),
    trackType: world.trackTypes.map((trackType) => createTrackType(trackType, createdAt)),
  };
}

function createGuide(guide: Guide): JsonObject {
  const isNps = guide.purpose === "nps";
  return {
    id: guide.id,
    name: guide.name,
    state: guide.state,
    kind: "Guide",
    appId: guide.app.id,
    launchMethod: "auto",
    isMultiStep: guide.steps.length > 1,
    publishedAt: guide.createdAt + 600_000,
    createdAt: guide.createdAt,
    createdByUser: { ...user, ...guide.createdByUser },
    lastUpdatedAt: guide.lastUpdatedAt,
    lastUpdatedByUser: { ...user, ...guide.lastUpdatedByUser },
    resetAt: guide.resetAt,
    ...(isNps && { recurrence: 35 * 24 * 3_600_000 }),
    emailState: "disabled",
    language: "en-US",
    attributes: {
      type: guide.steps[0]?.type ?? "",
      device: { type: guide.app.platform === "web" ? "desktop" : "mobile" },
    },
    audience: [{ source: { visitors: null } }],
    polls: guide.polls.map(createPoll),
    steps: guide.steps.map((step, rank) => ({
      id: step.id,
      guideId: guide.id,
      pollIds: [...step.pollIds],
      type: step.type,
      rank,
      advanceMethod: "button",
      lastUpdatedAt: step.lastUpdatedAt,
      resetAt: step.resetAt,
    })),
  };
}

/**
 * Two things about the choices of a pick-list are unknown, so they come both ways: an entry is `{"text": …}` in a
 * guide's first pick-list and a bare string in the others. The last choice of a list of four was deleted after it had
 * been answered: answers with its id have no label.
 */
function createPoll(poll: Poll, place: number): JsonObject {
  const { idResponses, numericResponses, ...rest } = poll;
  const choices = Object.entries(idResponses ?? {});
  const kept = choices.length === 4 && place === 0 ? choices.slice(0, -1) : choices;
  return {
    ...(rest as JsonObject),
    ...(numericResponses && { numericResponses: [...numericResponses] }),
    ...(idResponses && {
      idResponses: Object.fromEntries(
        kept.map(([id, choice]): [string, Json] => [id, place === 0 ? choice : choice.text]),
      ),
    }),
  };
}

function createPage(page: Page): JsonObject {
  return {
    ...createTagged(page, "Page"),
    rules: [{ rule: `//*${page.path}`, designerHint: "", parsedRule: `^https?://[^/]*${page.path}$` }],
  };
}

function createFeature(feature: Feature): JsonObject {
  return {
    ...createTagged(feature, "Feature"),
    pageId: feature.page.id,
    appWide: false,
    isCoreEvent: false,
    elementPathRules: [feature.elementPath],
  };
}

function createTrackType(trackType: TrackType, createdAt: number): JsonObject {
  return {
    ...createTagged({ ...trackType, createdAt }, "TrackType"),
    trackTypeName: trackType.name,
    trackTypeRules: null,
    eventPropertyNameList: trackType.fields.map(({ name }) => name),
  };
}

function createTagged(thing: { id: string; name: string; app: App; createdAt: number }, kind: string): JsonObject {
  return {
    id: thing.id,
    name: thing.name,
    kind,
    appId: thing.app.id,
    group: { id: "none", name: "Uncategorized", description: "", color: ".groupColor01", length: 0 },
    color: "",
    dirty: false,
    rootVersionId: thing.id,
    stableVersionId: `${thing.id}-1`,
    createdAt: thing.createdAt,
    createdByUser: user,
    lastUpdatedAt: thing.createdAt,
    lastUpdatedByUser: user,
  };
}
