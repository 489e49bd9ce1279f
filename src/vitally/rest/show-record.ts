// A record as Vitally shows it, from its row.
import type { RecordKind } from "../../pipeline/records.ts";

// biome-ignore lint/suspicious/noExplicitAny: a row of the query next door
type Row = Record<string, any>;

export function showRecord(kind: RecordKind, row: Row): object {
  if (kind === "user") return showUser(row);
  const shown = showCompany(row);
  return kind === "account"
    ? { ...shown, organizationId: row.organizationId, accountOwnerId: null }
    : { ...shown, accountsCount: row.accountsCount, organizationOwnerId: null };
}

function showCompany({ scores, traits, ...row }: Row): object {
  const { promoters, passives, detractors } = scores;
  const all = promoters + passives + detractors;
  return {
    ...showBase(row),
    traits,
    mrr: traits.mrr ?? null,
    nextRenewalDate: traits.nextRenewalDate ?? null,
    churnedAt: traits.churnedAt ?? null,
    trialEndDate: traits.trialEndDate ?? null,
    firstSeenTimestamp: row.firstSeenTimestamp,
    lastSeenTimestamp: row.lastSeenTimestamp,
    lastInboundMessageTimestamp: null,
    lastOutboundMessageTimestamp: null,
    usersCount: row.usersCount,
    npsDetractorCount: detractors,
    npsPassiveCount: passives,
    npsPromoterCount: promoters,
    npsScore: all === 0 ? null : (100 * (promoters - detractors)) / all,
    healthScore: null,
    csmId: null,
    accountExecutiveId: null,
    keyRoles: [],
    segments: [],
  };
}

function showUser(row: Row): object {
  const { accounts, organizations, lastResponse } = row;
  return {
    ...showBase(row),
    email: row.email,
    avatar: row.avatar,
    traits: row.traits,
    firstKnown: row.firstKnown,
    joinDate: row.joinDate,
    lastSeenTimestamp: row.lastSeenTimestamp,
    lastInboundMessageTimestamp: null,
    lastOutboundMessageTimestamp: null,
    npsLastScore: lastResponse?.score ?? null,
    npsLastFeedback: lastResponse?.feedback ?? null,
    npsLastRespondedAt: lastResponse ? new Date(lastResponse.respondedAt) : null,
    unsubscribedFromConversations: row.unsubscribedFromConversations,
    deactivatedAt: row.deactivatedAt,
    segments: [],
    accountIds: accounts.map((one: Row) => one.id),
    organizationIds: organizations.map((one: Row) => one.id),
    accounts,
    organizations,
  };
}

function showBase({ id, createdAt, updatedAt, externalId, name }: Row): object {
  return { id, createdAt, updatedAt, externalId, name };
}
