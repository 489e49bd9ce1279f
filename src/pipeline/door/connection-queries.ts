// Finds connections by the hash of their address, many at once, with their secrets.
import type { Database } from "../../platform/database/pool.ts";
import type { SecretBox } from "../../platform/secret-box.ts";
import { type ConnectionKind, webhookSecretPlace } from "../facts.ts";

export type DoorConnection = {
  workspaceId: string;
  connectionId: string;
  kind: ConnectionKind;
  /** Kinds that are switched off. */
  filteredKinds: readonly string[];
  /** Valid secrets; none: signatures are not asked for. Two may be valid while one replaces the other. */
  secrets: readonly string[];
  secretIds: readonly string[];
};

type SealedRow = { id: string; keyId: string; sealed: string };

const validSecrets = `coalesce((
    select json_agg(json_build_object('id', s.secret_id, 'keyId', s.key_id, 'sealed', encode(s.sealed, 'base64')) order by s.created_at) from connection_secrets s
    where s.workspace_id = c.workspace_id and s.connection_id = c.connection_id and (s.expires_at is null or s.expires_at > $2)), '[]') as secrets`;

/** Connections by address hash, in hex. Addresses and secrets that have expired are not found. */
export async function findConnectionsByHash(
  database: Database,
  secretBox: SecretBox,
  hashes: readonly string[],
  now: Date,
): Promise<Map<string, DoorConnection>> {
  const { rows } = await database.query({
    name: "find-connections-by-hash",
    text: `select encode(c.address_hash, 'hex') as hash, c.workspace_id as "workspaceId", c.connection_id as "connectionId", k.kind, k.filtered_kinds as "filteredKinds", ${validSecrets}
           from connection_addresses c join connections k on k.workspace_id = c.workspace_id and k.connection_id = c.connection_id
           where c.address_hash = any(array(select decode(h, 'hex') from unnest($1::text[]) h)) and (c.expires_at is null or c.expires_at > $2)`,
    values: [hashes, now],
  });
  return new Map(
    rows.map(({ hash, workspaceId, connectionId, kind, filteredKinds, secrets }) => [
      hash,
      {
        workspaceId,
        connectionId,
        kind,
        filteredKinds,
        secrets: open(secretBox, { workspaceId, connectionId }, secrets),
        secretIds: secrets.map(({ id }: SealedRow) => id),
      },
    ]),
  );
}

/** What the audit log has to know of a connection whose secrets were opened. */
export function listSecretUses({ workspaceId, connectionId, secretIds }: DoorConnection) {
  return secretIds.map((id) => ({ workspaceId, connectionId, secret: { kind: "webhook-secret", id } as const }));
}

export async function readValidSecrets(
  database: Database,
  secretBox: SecretBox,
  of: { workspaceId: string; connectionId: string },
  now: Date,
): Promise<string[]> {
  const { rows } = await database.query(
    `select ${validSecrets} from connections c where c.workspace_id = $1 and c.connection_id = $3`,
    [of.workspaceId, now, of.connectionId],
  );
  return open(secretBox, of, rows[0]?.secrets ?? []);
}

function open(
  secretBox: SecretBox,
  of: { workspaceId: string; connectionId: string },
  rows: readonly SealedRow[],
): string[] {
  return rows.map(({ keyId, sealed }) =>
    secretBox.open(
      { keyId, sealed: Buffer.from(sealed, "base64") },
      webhookSecretPlace(of.workspaceId, of.connectionId),
    ),
  );
}
