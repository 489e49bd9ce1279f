// Sends every delivery of the order until it is answered 2xx or given up. With a rate, requests start when they are
// due, whether or not earlier ones have been answered, and latency counts from when they were due: a receiver that
// stalls is seen to stall.
import { type Connection, openConnection } from "./connection.ts";

export type SendOptions = {
  url: URL;
  /** Requests a second; 0 is as fast as the connections allow. */
  rate: number;
  /** Milliseconds from the beginning until the request of this place is due; instead of a rate. */
  dueAfter?: ((place: number) => number) | undefined;
  connections: number;
  retries: number;
  /** Milliseconds. */
  timeout: number;
};

export type SendResult = {
  /** Sent, including retries. */
  requests: number;
  retries: number;
  /** By status or error code. */
  answers: Record<string, number>;
  /** Given up without a 2xx. */
  failed: number;
  seconds: number;
  /** Milliseconds, of first attempts that were answered. */
  latencies: number[];
};

/** `place` in the order; times on the clock of `performance.now()`. */
type Job = { place: number; attempt: number; dueAt: number };

const firstBackoff = 250;
const longestBackoff = 10_000;

export function sendAll(
  options: SendOptions,
  total: number,
  getRequest: (place: number) => Buffer,
  report: (done: number, result: SendResult) => void,
): Promise<SendResult> {
  const { rate, retries, timeout, url } = options;
  const dueAfter = options.dueAfter ?? (rate > 0 ? (place: number) => (place * 1000) / rate : undefined);
  const result: SendResult = { requests: 0, retries: 0, answers: {}, failed: 0, seconds: 0, latencies: [] };
  const startedAt = performance.now();
  const idle: Connection[] = [];
  const due: Job[] = [];
  let [nextPlace, inFlight, done] = [0, 0, 0];
  let alarm: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    const progress = setInterval(() => report(done, result), 2000);
    const finish = () => {
      clearInterval(progress);
      clearTimeout(alarm);
      for (const connection of idle) connection.close();
      result.seconds = (performance.now() - startedAt) / 1000;
      resolve(result);
    };

    const takeJob = (): Job | undefined => {
      const retry = due.shift();
      if (retry || nextPlace >= total) return retry;
      const now = performance.now();
      const dueAt = dueAfter ? startedAt + dueAfter(nextPlace) : now;
      if (dueAt <= now) return { place: nextPlace++, attempt: 0, dueAt };
      alarm ??= setTimeout(() => {
        alarm = undefined;
        pump();
      }, dueAt - now);
      return undefined;
    };

    const pump = () => {
      while (inFlight < options.connections) {
        const job = takeJob();
        if (!job) return;
        inFlight += 1;
        void sendOne(job).then(() => {
          inFlight -= 1;
          if (done === total) finish();
          else pump();
        });
      }
    };

    const sendOne = async (job: Job): Promise<void> => {
      const connection = takeConnection(idle) ?? openConnection(url);
      result.requests += 1;
      if (job.attempt > 0) result.retries += 1;
      let retryAfter: number | null = null;
      try {
        const answer = await connection.send(getRequest(job.place), timeout);
        count(result, String(answer.status));
        if (job.attempt === 0) result.latencies.push(performance.now() - job.dueAt);
        if (connection.isOpen()) idle.push(connection);
        if (answer.status < 300) {
          done += 1;
          return;
        }
        if (answer.status === 429 || answer.status === 503) retryAfter = answer.retryAfter;
      } catch (error) {
        connection.close();
        count(result, (error as NodeJS.ErrnoException).code ?? "error");
      }
      retryLater(job, retryAfter);
    };

    const retryLater = (job: Job, retryAfter: number | null) => {
      if (job.attempt >= retries) {
        done += 1;
        result.failed += 1;
        return;
      }
      // Spread by a quarter, so that what failed together does not come back together.
      const backoff = Math.min(longestBackoff, firstBackoff * 2 ** job.attempt) * (1 + Math.random() / 4);
      setTimeout(() => {
        due.push({ ...job, attempt: job.attempt + 1 });
        pump();
      }, retryAfter ?? backoff);
    };

    if (total === 0) finish();
    else pump();
  });
}

function takeConnection(idle: Connection[]): Connection | undefined {
  for (let connection = idle.pop(); connection; connection = idle.pop()) {
    if (connection.isOpen()) return connection;
    connection.close();
  }
  return undefined;
}

function count(result: SendResult, answer: string): void {
  result.answers[answer] = (result.answers[answer] ?? 0) + 1;
}
