// An HTTP server on an address of the loopback that counts who connects, also who says nothing.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export type CountingServer = {
  port: number;
  connections: () => number;
  /** Host headers of the requests so far. */
  hosts: string[];
  closeConnections: () => void;
  stop: () => Promise<void>;
};

export async function startCountingServer(
  listener: RequestListener = (_request, response) => response.end("here"),
  { host = "127.0.0.1", port = 0 } = {},
): Promise<CountingServer> {
  let connections = 0;
  const hosts: string[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host ?? "");
    listener(request, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    hosts,
    closeConnections: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
