/** What is known of one file or folder without opening it. */
import type { BigIntStats } from "node:fs";
import { shownFileName } from "./paths.ts";
import { stampOf, type Stamp } from "./stamp.ts";

export type EntryKind = "file" | "directory" | "link" | "other";

/** What can't be opened. */
export type NotAFile = Exclude<EntryKind, "file">;

export interface Entry {
  /** The name as it may be shown: one line, nothing invisible. */
  readonly name: string;
  /** The exact path, to be given back to the workspace. */
  readonly path: string;
  /** Links are shown as such and never followed; "other" is a pipe, a socket or a device. */
  readonly kind: EntryKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Whether this person may change it. */
  readonly writable: boolean;
  /** Which version of the file this is. */
  readonly stamp: Stamp;
}

/** Makes an entry of what lstat said; `writable` is what the place allows. */
export function entryOf(path: string, stats: BigIntStats, writable: boolean): Entry {
  const kind = kindOf(stats);
  return {
    name: shownFileName(path),
    path,
    kind,
    size: Number(stats.size),
    modifiedAt: Number(stats.mtimeNs / 1_000_000n),
    writable: writable && (kind !== "file" || ownerMayWrite(stats)),
    stamp: stampOf(stats),
  };
}

export function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}

/** A student who took the write permission off a file meant it: replacing the file would go around it. */
export function ownerMayWrite(stats: BigIntStats): boolean {
  return (stats.mode & 0o200n) !== 0n;
}
