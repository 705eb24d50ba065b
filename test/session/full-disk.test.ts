import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { onSmallDisk } from "../support/small-disk.ts";

const program = fileURLToPath(new URL("programs/full-disk.ts", import.meta.url));

describe("unsaved text on a full disk", () => {
  it("is kept by giving up the reserve, then stays as it was, and is kept again when there is room", async () => {
    assert.deepEqual(await onSmallDisk(program, 8), {
      keptByReserve: "done",
      reserveGivenUp: true,
      savedByReserve: "done",
      refused: "ENOSPC",
      oldKept: true,
      keptAgain: "done",
      afterwards: "after",
      leftovers: [],
    });
  });
});
