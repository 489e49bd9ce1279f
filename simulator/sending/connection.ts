// One keep-alive connection with one request at a time. Written on sockets because node:http's client costs several
// times the processor time per request, which on a small machine the receiver would be missing.
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { type Answer, readAnswer } from "./read-answer.ts";

export type Connection = {
  /** Rejects on a broken connection or after `timeout` milliseconds; the connection is then closed. */
  send: (request: Buffer, timeout: number) => Promise<Answer>;
  /** False once it cannot take another request. */
  isOpen: () => boolean;
  close: () => void;
};

/** Receivers close idle connections, often after 5 s; a request must not meet the closing. */
const longestIdle = 3000;

type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };

export function openConnection(url: URL): Connection {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isSecure = url.protocol === "https:";
  const port = Number(url.port || (isSecure ? 443 : 80));
  const socket: Socket = isSecure
    ? connectSecure({ host, port, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain({ host, port });
  socket.setNoDelay(true);
  let waiting: Waiting | null = null;
  let received: Buffer = Buffer.alloc(0);
  let isOpen = true;
  let lastUsed = Date.now();

  const settle = (settleWith: (waiting: Waiting) => void) => {
    const settled = waiting;
    waiting = null;
    received = Buffer.alloc(0);
    lastUsed = Date.now();
    if (!settled) return;
    clearTimeout(settled.timer);
    settleWith(settled);
  };
  const close = (error: Error) => {
    isOpen = false;
    socket.destroy();
    settle(({ reject }) => reject(error));
  };
  const read = (isEnded: boolean) => {
    try {
      const answer = readAnswer(received, isEnded);
      if (!answer) return;
      if (!answer.isReusable) {
        isOpen = false;
        socket.end();
      }
      settle(({ resolve }) => resolve(answer));
    } catch (error) {
      close(error as Error);
    }
  };
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    read(false);
  });
  socket.on("end", () => {
    isOpen = false;
    if (waiting) read(true);
  });
  socket.on("error", close);
  socket.on("close", () => close(nameError("closed", "the receiver closed the connection without an answer")));

  return {
    send: (request, timeout) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => close(nameError("timeout", `no answer within ${timeout} ms`)), timeout);
        waiting = { resolve, reject, timer };
        if (isOpen) socket.write(request);
        else close(nameError("closed", "the connection is closed"));
      }),
    isOpen: () => isOpen && Date.now() - lastUsed < longestIdle,
    close: () => close(nameError("closed", "closed by the sender")),
  };
}

function nameError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
