import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { onDiskWithInodes, onSmallDisk } from "../support/small-disk.ts";

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

  it("and saves go on where it is names that are used up: by the reserve, else with a sentence, and what is open stays whole", async () => {
    assert.deepEqual(await onDiskWithInodes(fileURLToPath(new URL("programs/few-inodes.ts", import.meta.url)), 4000), {
      savedByReserve: "done",
      reserveGivenUp: true,
      refused: "the disk is full: a.py was not saved, and the old file is unchanged",
      whole: "saved by the reserve\n",
      typedOn: "done",
      kept: "typed on",
      savedAgain: "done",
      leftovers: [],
    });
  });
});
