// Records of a file, so many in a transaction.
import type { RecordSaid } from "../pipeline/records.ts";

const batchSize = 500;

export async function* inBatches(records: AsyncIterable<RecordSaid>): AsyncGenerator<RecordSaid[]> {
  let batch: RecordSaid[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
