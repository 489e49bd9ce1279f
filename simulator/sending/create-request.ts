import { signBody } from "../deliveries/sign-body.ts";

/** The bytes of one request. Without a secret there is no signature. */
export function createRequest(url: URL, secret: string | undefined, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Connection: keep-alive",
    "User-Agent: pendo-simulator",
    "Content-Type: application/json",
    `Content-Length: ${bytes.length}`,
    ...(secret === undefined ? [] : [`X-Pendo-Signature: ${signBody(bytes, secret)}`]),
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
}
