// Tells a person what Pendo thinks of an integration key. The only place where a key is sent to another region than the
// connection's: a key of the wrong region is refused with the same 403 as one that was deleted, so the other regions,
// which are all Pendo's own hosts, are asked as well. It happens only when somebody tests, never by itself.
import type { PendoClient } from "./pendo-client.ts";
import { PendoError } from "./pendo-error.ts";
import { isPendoRegion, nameRegion, type PendoRegion, pendoRegions } from "./regions.ts";

export type KeyTest = {
  state: "valid" | "wrong-region" | "refused" | "not-reachable";
  /** Whether Pendo lets the key write; null where it is not valid. */
  mayWrite: boolean | null;
  /** The region that takes the key, where another one does or its ending says so. */
  rightRegion: PendoRegion | null;
  sentence: string;
};

export type KeyTestOptions = {
  region: PendoRegion;
  integrationKey: string;
  /** A client that does not wait long. */
  open: (region: PendoRegion, integrationKey: string) => Pick<PendoClient, "verifyToken">;
  /** Whether there is a host for each region; not so where PENDO_API_BASE_URL stands for all. */
  hasOtherRegions: boolean;
};

/** Never rejects because of Pendo. */
export async function testKey(options: KeyTestOptions): Promise<KeyTest> {
  const { region, integrationKey, open } = options;
  try {
    const { mayWrite } = await open(region, integrationKey).verifyToken();
    const more = mayWrite ? " It may write, too, which Plumbline does not need: a key that only reads is enough." : "";
    return { state: "valid", mayWrite, rightRegion: null, sentence: `Pendo takes the key.${more}` };
  } catch (error) {
    if (!(error instanceof PendoError)) throw error;
    if (error.trouble === "key-refused" || error.trouble === "wrong-region") return explainRefusal(options, error);
    return { state: "not-reachable", mayWrite: null, rightRegion: null, sentence: error.message };
  }
}

async function explainRefusal(options: KeyTestOptions, error: PendoError): Promise<KeyTest> {
  const { region, integrationKey } = options;
  const named = findRegionOfKey(integrationKey);
  const elsewhere = options.hasOtherRegions ? await findRegionThatTakes(options) : undefined;
  const rightRegion = elsewhere ?? (named === region ? undefined : named);
  if (elsewhere !== undefined || (error.trouble === "wrong-region" && rightRegion !== undefined))
    return refusal("wrong-region", rightRegion!, wrongRegion(region, rightRegion!));
  if (error.trouble === "wrong-region")
    return refusal(
      "wrong-region",
      null,
      `Pendo answers as it does to keys of another region than ${nameRegion(region)}: choose the region in whose Pendo the key was made.`,
    );
  if (named === region && (await takes(options, region, withoutRegion(integrationKey))))
    return refusal(
      "refused",
      null,
      `Pendo refuses the key with its ending .${named} and takes it without: set it again without the ending.`,
    );
  return refusal("refused", rightRegion ?? null, `${error.message}${hint(rightRegion)}`);
}

const hint = (region: PendoRegion | undefined) =>
  region === undefined ? "" : ` The key's ending says that it belongs to ${nameRegion(region)}.`;

function wrongRegion(region: PendoRegion, right: PendoRegion): string {
  return `The key belongs to ${nameRegion(right)}, but the connection is set to ${nameRegion(region)}: change the region to ${right}.`;
}

function refusal(state: "wrong-region" | "refused", rightRegion: PendoRegion | null, sentence: string): KeyTest {
  return { state, mayWrite: null, rightRegion, sentence };
}

async function findRegionThatTakes(options: KeyTestOptions): Promise<PendoRegion | undefined> {
  const others = pendoRegions.filter((region) => region !== options.region);
  const answers = await Promise.all(others.map((region) => takes(options, region, options.integrationKey)));
  return others.find((_, place) => answers[place]);
}

/** A region that cannot be reached does not take it either: what is known is said, and the test can be repeated. */
async function takes({ open }: KeyTestOptions, region: PendoRegion, integrationKey: string): Promise<boolean> {
  try {
    await open(region, integrationKey).verifyToken();
    return true;
  } catch (error) {
    if (error instanceof PendoError) return false;
    throw error;
  }
}

/** Some keys end in their region, as in `….eu`. */
export function findRegionOfKey(integrationKey: string): PendoRegion | undefined {
  const ending = integrationKey.slice(integrationKey.lastIndexOf(".") + 1);
  return integrationKey.includes(".") && isPendoRegion(ending) ? ending : undefined;
}

function withoutRegion(integrationKey: string): string {
  return integrationKey.slice(0, integrationKey.lastIndexOf("."));
}
