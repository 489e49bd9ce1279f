import { afterAll, beforeAll, expect, test } from "vitest";
import { createFirstAdmin, createMember, type Person } from "../../test/support/members.ts";
import { type OidcProvider, oidcClient, startOidcProvider } from "../../test/support/oidc-provider.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor, type Visitor } from "../../test/support/visitor.ts";
import { callbackPath } from "./oidc.ts";

let provider: OidcProvider;
let plumbline: TestApp;
let admin: Person;

beforeAll(async () => {
  provider = await startOidcProvider();
  plumbline = await createTestApp({ oidc: { issuer: provider.issuer, ...oidcClient } });
  admin = await createFirstAdmin(plumbline);
});
afterAll(async () => {
  await plumbline.stop();
  await provider.stop();
});

async function begin(visitor: Visitor): Promise<string> {
  const begun = await visitor.open("/sign-in/oidc");
  expect(begun.status).toBe(303);
  return begun.location!;
}

/** The whole way; the browser comes back with `change` made to the query. */
async function signIn(visitor: Visitor, change: (query: string) => string = (query) => query) {
  return visitor.open(`${callbackPath}${change(await provider.agree(await begin(visitor)))}`);
}

const ada = { sub: "ada", email: "ada@acme.example", email_verified: true, name: "Ada" };

test("a member whose e-mail the issuer vouches for comes in, and from then on their subject does", async () => {
  provider.say(ada);
  expect((await createVisitor(plumbline.url).open("/sign-in")).text).toContain('href="/sign-in/oidc"');
  const visitor = createVisitor(plumbline.url);
  const url = new URL(await begin(visitor));
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: "code",
    code_challenge_method: "S256",
    scope: "openid email profile",
  });
  expect([(await signIn(visitor)).status, (await visitor.call("GET", "/me")).json?.email]).toEqual([303, admin.email]);
  provider.say({ sub: "ada", email: "ada@elsewhere.example", email_verified: false });
  const again = createVisitor(plumbline.url);
  await signIn(again);
  expect((await again.call("GET", "/me")).json?.email).toBe(admin.email);
});

test("an e-mail that the issuer gave to somebody else is no way in", async () => {
  provider.say({ ...ada, sub: "another" });
  expect((await signIn(createVisitor(plumbline.url))).status).toBe(403);
});

test("whoever was invited comes in as what they were invited as, once; nobody else does", async () => {
  provider.say({ sub: "bob", email: "bob@acme.example", email_verified: true, name: "Bob" });
  const bob = createVisitor(plumbline.url);
  const stranger = await signIn(bob);
  expect([stranger.status, stranger.text]).toEqual([403, expect.stringContaining("no member here")]);
  await admin.call("POST", "/invitations", { email: "Bob@acme.example", role: "viewer" });
  expect((await signIn(bob)).status).toBe(303);
  expect((await bob.call("GET", "/me")).json).toMatchObject({ name: "Bob", scopes: ["read"] });
  expect((await admin.call("GET", "/invitations")).json.items).toEqual([]);
  // They have no password, and none is right.
  const guess = await createVisitor(plumbline.url).call("POST", "/session", {
    email: "bob@acme.example",
    password: "null",
  });
  expect(guess.status).toBe(401);
});

test("refused: everything that is not exactly what this browser asked for, from the issuer it asked", async () => {
  const carl = await createMember(plumbline, admin, { email: "carl@acme.example", role: "viewer" });
  const right = { sub: "carl", email: carl.email, email_verified: true };
  const now = Math.floor(Date.now() / 1000);
  const tokens: [string, object, { otherKey?: boolean }?][] = [
    ["another nonce", { nonce: "of-another-attempt-of-somebody" }],
    ["no nonce", { nonce: undefined }],
    ["another audience", { aud: "another-client" }],
    ["several audiences for another", { aud: ["plumbline", "another"], azp: "another" }],
    ["expired", { iat: now - 7200, exp: now - 3600 }],
    ["another issuer", { iss: "https://evil.example" }],
    ["signed by another key", {}, { otherKey: true }],
    ["an e-mail that is not verified", { email_verified: false }],
    ["an e-mail of which nothing is said", { email_verified: undefined }],
    ["verified in words only", { email_verified: "true" }],
    ["no e-mail", { email: undefined }],
  ];
  for (const [name, claims, options] of tokens) {
    provider.say({ ...right, ...claims }, options);
    const visitor = createVisitor(plumbline.url);
    const { status } = await signIn(visitor);
    expect([name, status >= 401 && status <= 403]).toEqual([name, true]);
    expect([name, (await visitor.call("GET", "/me")).status]).toEqual([name, 401]);
  }

  provider.say(right);
  const queries: [string, (query: string) => string][] = [
    ["another state", (query) => query.replace(/state=[^&]+/, "state=of-another-attempt")],
    ["no state", (query) => query.replace(/&?state=[^&]+/, "")],
    ["another code", (query) => query.replace(/code=[^&]+/, "code=guessed")],
    ["the issuer's refusal", (query) => query.replace(/code=[^&]+/, "error=access_denied")],
    ["nothing", () => ""],
  ];
  for (const [name, change] of queries)
    expect([name, (await signIn(createVisitor(plumbline.url), change)).status]).toEqual([name, 401]);

  // The way back of one browser, opened in another that began as well, or did not.
  const query = await provider.agree(await begin(createVisitor(plumbline.url)));
  expect((await createVisitor(plumbline.url).open(`${callbackPath}${query}`)).status).toBe(400);
  const other = createVisitor(plumbline.url);
  await begin(other);
  expect((await other.open(`${callbackPath}${query}`)).status).toBe(401);

  expect((await signIn(createVisitor(plumbline.url))).status).toBe(303);
});
