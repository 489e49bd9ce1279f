// Sends webhooks as Pendo does, and remembers what was answered.
import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";

export type Answer = { status: number; headers: Record<string, unknown>; body: string };

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

export function sign(secret: string, body: Buffer | string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** One request; rejects when the connection breaks before an answer. */
export function sendDelivery(
  url: string,
  body: Buffer | string,
  options: { secret?: string | null; headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: options.method ?? "POST",
        agent,
        timeout: 60_000,
        headers: {
          "content-type": "application/json",
          ...(!options.headers?.["transfer-encoding"] && { "content-length": bytes.length }),
          ...(options.secret && { "x-pendo-signature": sign(options.secret, bytes) }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within a minute")));
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}

/** Sends again until it is taken in, as a careful sender would; resolves to how many tries it took. */
export async function sendUntilAccepted(
  urls: readonly string[],
  body: Buffer | string,
  options: { secret?: string | null; headers?: Record<string, string>; mostMs?: number } = {},
): Promise<number> {
  const until = Date.now() + (options.mostMs ?? 120_000);
  for (let tries = 1; ; tries += 1) {
    const url = urls[tries % urls.length]!;
    const answer = await sendDelivery(url, body, options).catch(() => undefined);
    if (answer?.status === 200) return tries;
    if (answer && answer.status < 500 && answer.status !== 429)
      throw new Error(`answered ${answer.status}: ${answer.body}`);
    if (Date.now() > until)
      throw new Error(`not taken in after ${tries} tries; the last answer was ${answer?.status ?? "none"}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, 20 * tries)));
  }
}
