import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { reasonIn } from "../../src/db/embedded.ts";
import { onSmallDisk } from "../support/small-disk.ts";

const program = fileURLToPath(new URL("programs/full-disk.ts", import.meta.url));

describe("the embedded database on a full disk", () => {
  it("says why it ended in its own words, and has every committed row when there is room again", async () => {
    const { said, committed, rows } = await onSmallDisk<{ said: string[]; committed: number; rows: number }>(
      program,
      112,
    );
    assert.match(said[0] ?? "", /No space left on device/, said.join("\n"));
    assert.ok(committed >= 5);
    assert.equal(rows, committed);
  });

  it("prefers a PANIC to what it answered our own questions afterwards", () => {
    const log = [
      "LOG:  database system is ready to accept connections",
      'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
      "LOG:  terminating any other active server processes",
      "FATAL:  the database system is in recovery mode",
      "FATAL:  the database system is not yet accepting connections",
      "",
    ].join("\n");
    assert.match(reasonIn(log), /PANIC: .*No space left/);
    assert.match(
      reasonIn(
        'FATAL:  could not create lock file "postmaster.pid": Read-only file system\nLOG:  database system is shut down\n',
      ),
      /Read-only/,
    );
    assert.equal(reasonIn(""), "it gave no reason");
  });
});
