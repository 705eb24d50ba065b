import type { BigIntStats } from "node:fs";

const block = 4096;

/**
 * Bytes that an entry counts. The allocated size of a new file is zero until the kernel has written it, and a sparse
 * file has a large size: so the size counts, rounded up. Even an empty file counts a block: a million of them is not
 * nothing.
 */
export function keptBytes(size: number, stats?: BigIntStats): number {
  return stats?.isDirectory() ? block : Math.max(1, Math.ceil(size / block)) * block;
}
