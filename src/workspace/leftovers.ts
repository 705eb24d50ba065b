/** Removes temporary files that a crash left in a home. */
import { systemCode } from "../base/errors.ts";
import { calls, type Descriptor } from "./descriptor.ts";
import { decodeName, isReserved } from "./file-names.ts";
import { walk } from "./walk.ts";

/** A younger file may belong to a save under way, perhaps of another process. */
const leftoverAgeMs = 5 * 60_000;

/** Deletes temporary files of saves that never ended; resolves with their number. */
export async function sweepLeftovers(home: Descriptor, options: { now: number; depth: number }): Promise<number> {
  let swept = 0;
  await walk(home, { entries: 20_000, depth: options.depth }, async (folder, name, stats) => {
    if (!stats.isFile() || !isReserved(decodeName(name))) return;
    if (options.now - Number(stats.mtimeNs / 1_000_000n) < leftoverAgeMs) return;
    try {
      await calls.unlink(folder.at(name));
      swept++;
    } catch (error) {
      if (!["ENOENT", "EACCES", "EISDIR"].includes(systemCode(error) ?? "")) throw error;
    }
  });
  return swept;
}
