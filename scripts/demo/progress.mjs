// How far it is: a bar that fills on a terminal, a line for each tenth elsewhere.

const width = 30;

/** @param {string} what @param {number} total */
export function createProgress(what, total) {
  let told = 0;
  /** @param {number} done */
  function describe(done) {
    return `${what}: ${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")}`;
  }
  return {
    /** @param {number} done */
    show(done) {
      const share = Math.min(1, done / total);
      if (process.stdout.isTTY) {
        const filled = Math.round(share * width);
        process.stdout.write(`\r[${"█".repeat(filled)}${"·".repeat(width - filled)}] ${describe(done)} `);
      } else if (Math.floor(share * 10) > told) {
        told = Math.floor(share * 10);
        process.stdout.write(`${describe(done)}\n`);
      }
    },
    end() {
      if (process.stdout.isTTY) process.stdout.write("\n");
    },
  };
}
