/** Visits a folder and all folders in it, confined and bounded, without following links. */
import type { BigIntStats } from "node:fs";
import { systemCode } from "../base/errors.ts";
import { openChild, readNames } from "./confined.ts";
import { calls, fstat, lstat, type Descriptor } from "./descriptor.ts";

/** Calls in flight at once: more would keep the thread pool from other people's files. */
const parallel = 8;

/** The bounds of a walk. */
export interface WalkBounds {
  /** Entries to visit at most. */
  readonly entries: number;
  /** Levels of folders to visit at most. */
  readonly depth: number;
  /**
   * Whether to restore the owner's rights to folders where a program removed them (chmod 0): such a folder could not be
   * counted or kept otherwise.
   */
  readonly opensClosed?: boolean;
}

/** Called for each entry, for a folder before its entries. */
export type WalkCallback = (folder: Descriptor, name: Buffer, stats: BigIntStats) => void | Promise<void>;

/**
 * Visits everything in a folder; false when there was more than the bounds allow, or a folder that can't be read. What
 * vanishes meanwhile is skipped.
 */
export async function walk(folder: Descriptor, bounds: WalkBounds, visit: WalkCallback): Promise<boolean> {
  return await walkFolder(
    folder,
    { left: bounds.entries, opensClosed: bounds.opensClosed ?? false, visit },
    bounds.depth,
  );
}

interface Walk {
  /** Entries that may still be visited. */
  left: number;
  readonly opensClosed: boolean;
  readonly visit: WalkCallback;
}

async function walkFolder(folder: Descriptor, walking: Walk, depth: number): Promise<boolean> {
  let complete = true;
  const names = await readNames(folder, walking.left + 1);
  if (names.length > walking.left) complete = false;
  walking.left -= names.length;
  for await (const { name, stats } of statAll(folder, names)) {
    await walking.visit(folder, name, stats);
    if (!stats.isDirectory()) continue;
    if (depth <= 1 || walking.left <= 0) complete = false;
    else if (!(await walkChild(folder, name, walking, depth - 1))) complete = false;
  }
  return complete;
}

async function walkChild(folder: Descriptor, name: Buffer, walking: Walk, depth: number): Promise<boolean> {
  try {
    using child = await openChild(folder, name);
    if (walking.opensClosed) await giveBack(child);
    return await walkFolder(child, walking, depth);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["ENOENT", "not-a-directory"].includes(code)) return true; // gone or replaced meanwhile
    if (code === "EACCES") return false;
    throw error;
  }
}

/**
 * Restores the owner's rights to a folder. A program may have removed them (os.chmod), and without them its owner could
 * not go in, or be counted. Where we may not change it either, it stays as it is, and whoever reads it gets the error.
 */
export async function giveBack(folder: Descriptor): Promise<void> {
  const mode = Number((await fstat(folder)).mode & 0o7777n);
  if ((mode & 0o700) === 0o700) return;
  try {
    // By the descriptor: this very folder, whatever its name leads to by now.
    await calls.chmod(folder.self, mode | 0o700);
  } catch (error) {
    if (systemCode(error) !== "EPERM") throw error;
  }
}

/** What each name is, in the given order; names that are gone are left out. */
export async function* statAll(
  folder: Descriptor,
  names: readonly Buffer[],
): AsyncGenerator<{ name: Buffer; stats: BigIntStats }> {
  for (let start = 0; start < names.length; start += parallel) {
    const some = names.slice(start, start + parallel);
    const results = await Promise.allSettled(some.map((name) => lstat(folder.at(name))));
    for (const [index, result] of results.entries()) {
      const name = some[index];
      if (result.status === "fulfilled" && name) yield { name, stats: result.value };
      else if (result.status === "rejected" && systemCode(result.reason) !== "ENOENT") throw result.reason;
    }
  }
}
