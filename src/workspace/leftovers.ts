/** Removes temporary files that a crash left in a home. */
import { systemCode } from "../base/errors.ts";
import { calls, type Descriptor } from "./descriptor.ts";
import { decodeName, isReserved } from "./file-names.ts";
import { walk } from "./walk.ts";

/** A younger one may belong to a save that is under way, perhaps of another process; milliseconds. */
const leftoverAge = 5 * 60_000;

/** Deletes what is left of saves that never ended; gives their number. */
export async function sweepLeftovers(home: Descriptor, options: { now: number; depth: number }): Promise<number> {
  let swept = 0;
  await walk(home, { entries: 20_000, depth: options.depth }, async (folder, name, stats) => {
    if (!stats.isFile() || !isReserved(decodeName(name))) return;
    if (options.now - Number(stats.mtimeNs / 1_000_000n) < leftoverAge) return;
    try {
      await calls.unlink(folder.at(name));
      swept++;
    } catch (error) {
      if (!["ENOENT", "EACCES", "EISDIR"].includes(systemCode(error) ?? "")) throw error;
    }
  });
  return swept;
}
