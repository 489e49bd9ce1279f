// An issuer of OpenID Connect on this machine: real keys, real signatures, codes that work once and only with the right PKCE
// verifier and client secret. `say` changes what its next ID token claims.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

type Claims = Record<string, unknown>;
type Asked = { nonce: string; challenge: string; redirectUri: string };

export type OidcProvider = {
  issuer: string;
  /** What the next ID token claims, over what is right. */
  say: (claims: Claims, options?: { otherKey?: boolean }) => void;
  /** What a browser does whose person agrees: to the issuer, and back with the query. */
  agree: (authorizationUrl: string) => Promise<string>;
  stop: () => Promise<void>;
};

export const oidcClient = { clientId: "plumbline", clientSecret: "a secret of the client" };

export async function startOidcProvider(): Promise<OidcProvider> {
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map<string, Asked>();
  let issuer = "";
  let said: Claims = {};
  let key = own.privateKey;

  function createIdToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: oidcClient.clientId, sub: "subject", iat: now, exp: now + 300, nonce, ...said };
    const parts = [{ alg: "RS256", kid: "one", typ: "JWT" }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    return `${parts.join(".")}.${sign("RSA-SHA256", Buffer.from(parts.join(".")), key).toString("base64url")}`;
  }

  async function answer(request: IncomingMessage): Promise<[status: number, body: object, location?: string]> {
    const url = new URL(request.url!, issuer);
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return [
          200,
          {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ["code"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
          },
        ];
      case "/keys":
        return [200, { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }] }];
      case "/authorize": {
        const { searchParams: asked } = url;
        const redirectUri = asked.get("redirect_uri")!;
        const code = randomBytes(16).toString("hex");
        if (asked.get("code_challenge_method") !== "S256" || asked.get("client_id") !== oidcClient.clientId)
          return [400, { error: "invalid_request" }];
        codes.set(code, { nonce: asked.get("nonce")!, challenge: asked.get("code_challenge")!, redirectUri });
        return [302, {}, `${redirectUri}?${new URLSearchParams({ code, state: asked.get("state")! })}`];
      }
      case "/token": {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const given = new URLSearchParams(Buffer.concat(chunks).toString());
        const asked = codes.get(given.get("code") ?? "");
        codes.delete(given.get("code") ?? "");
        const challenge = createHash("sha256")
          .update(given.get("code_verifier") ?? "")
          .digest("base64url");
        const isRight =
          asked?.challenge === challenge &&
          asked.redirectUri === given.get("redirect_uri") &&
          given.get("client_secret") === oidcClient.clientSecret;
        if (!isRight) return [400, { error: "invalid_grant" }];
        return [200, { access_token: "access", token_type: "Bearer", id_token: createIdToken(asked.nonce) }];
      }
      default:
        return [404, {}];
    }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body, location]) => {
        response.writeHead(status, { "content-type": "application/json", ...(location && { location }) });
        response.end(JSON.stringify(body));
      },
      (error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    say(claims, { otherKey = false } = {}) {
      said = claims;
      key = otherKey ? foreign.privateKey : own.privateKey;
    },
    async agree(authorizationUrl) {
      const response = await fetch(authorizationUrl, { redirect: "manual" });
      return new URL(response.headers.get("location")!).search;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
