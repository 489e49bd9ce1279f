// Signing in with OpenID Connect: authorization code with PKCE, state and nonce. The issuer is chosen by who runs Plumbline, in
// its environment, and not by somebody who types an address; so it is asked directly, also where it is in the own network.
// It says who somebody is, never what they may do: only members come in, and who was invited.
import * as client from "openid-client";
import type { OidcConfig } from "../platform/config.ts";
import type { Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Access, Visit } from "./access.ts";
import { isEmail } from "./e-mail.ts";
import { addToWorkspace } from "./join.ts";
import { findMemberByEmail, findMemberBySubject, insertMember, type Member, setOidcSubject } from "./members-table.ts";
import { findInvitations, useInvitation } from "./one-time-links-table.ts";
import { type Begun, beginSession } from "./sign-in.ts";

/** What the browser keeps while its person is at the issuer. */
export type OidcAttempt = { state: string; nonce: string; verifier: string };

/** Seconds that the issuer has for an answer. */
const patience = 10;

export type Oidc = {
  begin: () => Promise<{ url: string; attempt: OidcAttempt }>;
  /** `query` is what the browser brings back, with its question mark. */
  finish: (attempt: OidcAttempt, query: string, visit: Visit, replaces?: string) => Promise<Begun>;
};

export const callbackPath = "/sign-in/oidc/callback";

export function createOidc(access: Access, config: OidcConfig): Oidc {
  const redirectUri = `${access.publicUrl}${callbackPath}`;
  const getIssuer = createDiscovery(access, config);
  return {
    async begin() {
      const issuer = await getIssuer();
      const attempt = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(issuer, {
        redirect_uri: redirectUri,
        scope: "openid email profile",
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, attempt };
    },
    async finish(attempt, query, visit, replaces) {
      const back = { url: new URL(`${redirectUri}${query}`), address: visit.address };
      const person = await askWho(access, await getIssuer(), attempt, back);
      return inTransaction(access.database, (tx) => admit(tx, person, { visit, now: access.clock(), replaces }));
    },
  };
}

/** Asked for once, and again after it went wrong. */
function createDiscovery({ log }: Access, config: OidcConfig): () => Promise<client.Configuration> {
  let found: Promise<client.Configuration> | undefined;
  const execute = [
    // Checks signatures also where TLS has told already whom the token is from.
    client.enableNonRepudiationChecks,
    // Of this machine only: the configuration refuses every other one.
    ...(config.issuer.startsWith("http:") ? [client.allowInsecureRequests] : []),
  ];
  return async () => {
    found ??= client.discovery(new URL(config.issuer), config.clientId, config.clientSecret, undefined, {
      execute,
      timeout: patience,
    });
    try {
      return await found;
    } catch (error) {
      found = undefined;
      log.warn({ error: (error as Error).message }, "the issuer of OpenID Connect cannot be asked");
      throw new HttpError(503, "The place where you sign in does not answer: try again in a moment.");
    }
  };
}

type Person = {
  issuer: string;
  subject: string;
  name: string | null;
  /** Only where the issuer says that it is theirs. */
  email: string | undefined;
};

async function askWho(
  { log }: Access,
  issuer: client.Configuration,
  { state, nonce, verifier }: OidcAttempt,
  { url, address }: { url: URL; address: string },
): Promise<Person> {
  try {
    const tokens = await client.authorizationCodeGrant(issuer, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims()!;
    const said =
      claims.email === undefined && issuer.serverMetadata().userinfo_endpoint
        ? await client.fetchUserInfo(issuer, tokens.access_token, claims.sub)
        : claims;
    const isVerified = said.email_verified === true && typeof said.email === "string" && isEmail(said.email);
    return {
      issuer: claims.iss,
      subject: claims.sub,
      name: typeof said.name === "string" ? said.name.slice(0, 200) : null,
      email: isVerified ? (said.email as string).trim() : undefined,
    };
  } catch (error) {
    // The library's words name no secret; what a person can do is the same for all of them.
    log.warn(
      { event: "sign-in-refused", address, error: (error as Error).message },
      "a sign-in with OpenID Connect was refused",
    );
    throw new HttpError(401, "Signing in did not work: begin again.");
  }
}

type Admission = { visit: Visit; now: Date; replaces?: string | undefined };

/** Whoever signed in this way before; otherwise the member, or the invited, whose e-mail the issuer vouches for. */
async function admit(tx: Tx, person: Person, { visit, now, replaces }: Admission): Promise<Begun> {
  const member = (await findMemberBySubject(tx, person)) ?? (await findByEmail(tx, person, now));
  if (person.email?.toLowerCase() === member.email.toLowerCase()) await acceptInvitations(tx, member, { visit, now });
  return beginSession(tx, member, visit, now, replaces);
}

async function findByEmail(tx: Tx, { email, name, issuer, subject }: Person, now: Date): Promise<Member> {
  if (email === undefined)
    throw new HttpError(403, "The place where you sign in does not vouch for your e-mail: confirm it there first.");
  const known = await findMemberByEmail(tx, email);
  if (!known && (await findInvitations(tx, email, now)).length === 0)
    throw new HttpError(403, `${email} is no member here: ask an administrator for an invitation.`);
  const member = known ?? (await insertMember(tx, { email, name, passwordHash: null }, now));
  if (!member || !(await setOidcSubject(tx, member.id, { issuer, subject })))
    throw new HttpError(403, `${email} signs in with another account of yours.`);
  return member;
}

async function acceptInvitations(tx: Tx, member: Member, { visit, now }: Admission): Promise<void> {
  for (const { id, workspaceId, role } of await findInvitations(tx, member.email, now))
    if (await useInvitation(tx, id, now)) await addToWorkspace(tx, member, { workspaceId, role }, visit.address, now);
}
