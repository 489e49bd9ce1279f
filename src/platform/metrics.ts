// Figures for Prometheus. Names start with plumbline_; labels are few and never name a person or an address.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export function createMetrics(read: { pending: () => number }) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "plumbline_" });
  const registers = [registry];
  const pending = new Gauge({
    name: "plumbline_inbox_pending_writes",
    help: "Deliveries that were received and are not on disk yet",
    registers,
    collect() {
      this.set(read.pending());
    },
  });
  return {
    registry,
    pending,
    answers: new Counter({
      name: "plumbline_door_answers_total",
      help: "Answers to webhooks by HTTP status",
      labelNames: ["status"],
      registers,
    }),
    answerSeconds: new Histogram({
      name: "plumbline_door_answer_seconds",
      help: "Time from a webhook's first byte to its answer, in seconds",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    settled: new Counter({
      name: "plumbline_deliveries_settled_total",
      help: "Deliveries that a worker of this process has settled",
      registers,
    }),
  };
}
