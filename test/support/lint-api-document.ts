// Spectral's rules for OpenAPI and OWASP's, with the few that do not fit and why.
import spectral from "@stoplight/spectral-core";
import owasp from "@stoplight/spectral-owasp-ruleset";
import parsers from "@stoplight/spectral-parsers";
import rulesets from "@stoplight/spectral-rulesets";

const doNotFit = {
  // Whoever runs a Plumbline has a URL here, and an address of mail is nobody's business.
  "contact-properties": "off",
  // OpenAPI 3.1 lets every scheme list the roles that are needed; the rule knows 3.0, where only OAuth's have scopes.
  "oas3-operation-security-defined": "off",
  // Names, answers and feedback are free text: a pattern that everything fits would be a decoration. All have a length.
  "owasp:api4:2023-string-restricted": "off",
  // No other site's pages may read the API, so no answer has the header.
  "owasp:api8:2023-define-cors-origin": "off",
  // Traits are names that people choose; how many there may be is bounded, which the rule constrained-additionalProperties checks.
  "owasp:api3:2023-no-additionalProperties": "off",
} as const;

/** Who signs in or out is not signed in yet, or does not have to be. */
const beforeSignIn = ["/api/v1/session"];

export type Finding = { rule: string; at: string; message: string };

export async function lintApiDocument(document: object): Promise<Finding[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset({
    extends: [
      [rulesets.oas, "all"],
      [owasp as never, "all"],
    ],
    rules: doNotFit,
  } as never);
  const text = JSON.stringify(document);
  const found = await linter.run(new spectral.Document(text, parsers.Json as never, "openapi.json"));
  return found
    .filter(({ code, path }) => code !== "owasp:api2:2023-write-restricted" || !beforeSignIn.includes(String(path[1])))
    .map(({ code, path, message }) => ({ rule: String(code), at: path.join(" "), message }));
}
