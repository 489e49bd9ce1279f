// How the embedded server is set up. Durability is never turned down: fsync, synchronous_commit and full_page_writes
// keep their defaults, and the benches print them beside every figure.
export const serverSettings: Record<string, string> = {
  // Reached by its socket only; the socket's folder lets nobody else in.
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "80",
  shared_buffers: "256MB",
  // Recovery after a kill replays at most this much: a few seconds.
  max_wal_size: "1GB",
  checkpoint_timeout: "2min",
  wal_buffers: "16MB",
  wal_compression: "pglz",
  jit: "off",
  autovacuum_naptime: "15s",
  autovacuum_vacuum_cost_limit: "1000",
  // What arrives must not reach a log: neither statements nor values.
  log_min_error_statement: "panic",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
  log_timezone: "UTC",
  timezone: "UTC",
};
