// Clients that never finish: a header a byte at a time (slow loris), and a large body that stops in the middle.
import { connect, type Socket } from "node:net";

export type SlowClients = {
  /** How many of them the server still puts up with. */
  describe: () => string;
  /** Milliseconds until the server had closed them all; undefined when it has not. */
  awaitClosed: (mostMs: number) => Promise<number | undefined>;
  end: () => void;
};

const halfBody = Buffer.alloc(900_000, "x");

/** `count` of each kind. */
export async function openSlowClients(url: string, count: number): Promise<SlowClients> {
  const { hostname, port, host, pathname } = new URL(url);
  const open = new Set<Socket>();
  const opened = performance.now();
  const openOne = async (begin: (socket: Socket) => void) => {
    const socket = connect({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.resume();
    begin(socket);
  };
  const line = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (let index = 0; index < count; index += 1) {
    await openOne((socket) => {
      socket.write(line);
      const dripping = setInterval(() => socket.write("x"), 1_000);
      socket.on("close", () => clearInterval(dripping));
    });
    await openOne((socket) => {
      socket.write(`${line}content-length: 1000000\r\n\r\n`);
      socket.write(halfBody);
    });
  }
  return {
    describe: () => `${open.size} of ${2 * count} slow clients are connected`,
    async awaitClosed(mostMs) {
      while (open.size > 0) {
        if (performance.now() - opened > mostMs) return undefined;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      return performance.now() - opened;
    },
    end() {
      for (const socket of open) socket.destroy();
    },
  };
}
