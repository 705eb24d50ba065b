import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../base/errors.ts";

/** A bound for the walk, in entries; a workspace with more counts as full. */
const mostEntries = 200_000;
const deepest = 100;

/** What an entry costs beside its content: an inode and a name. Without it, empty files would be free. */
const entryBytes = 512;

/**
 * Bytes below a directory: of each file the larger of its size and what it takes on disk. The tree may change and be
 * hostile meanwhile: links are not followed as far as a check can tell, and an answer is always given in the end. A
 * directory swapped for a link at the right moment makes the sum wrong, and nothing else.
 */
export async function usedBytes(directory: string): Promise<number> {
  const progress = { bytes: 0, entries: 0 };
  await walk(directory, 0, progress);
  return progress.entries >= mostEntries ? Number.MAX_SAFE_INTEGER : progress.bytes;
}

async function walk(directory: string, depth: number, progress: { bytes: number; entries: number }): Promise<void> {
  if (depth > deepest) return;
  const folders: string[] = [];
  try {
    for await (const entry of await opendir(directory)) {
      if (++progress.entries >= mostEntries) return;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) folders.push(path);
      const file = await lstat(path).catch(() => undefined); // deleted since: not used any more
      if (file) progress.bytes += Math.max(file.size, file.blocks * 512) + entryBytes;
    }
  } catch (error) {
    // It was deleted or closed to us under our hands; the next walk sees the truth.
    if (!["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"].includes(systemCode(error) ?? "")) throw error;
  }
  for (const folder of folders) await walk(folder, depth + 1, progress);
}
