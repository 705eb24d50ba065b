/** What is known about a file or folder without opening it. */
import type { BigIntStats } from "node:fs";
import { shownFileName } from "./paths.ts";
import { stampOf, type Stamp } from "./stamp.ts";

/** Links are not followed; "other" is a pipe, a socket or a device. */
export type EntryKind = "file" | "directory" | "link" | "other";

/** Kinds that can't be opened as files. */
export type NotAFile = Exclude<EntryKind, "file">;

/** A file or folder in a listing. */
export interface Entry {
  /** The name as it may be shown: one line, without unseen characters. */
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
  /** Version of the file. */
  readonly stamp: Stamp;
}

/** An entry from the result of lstat; `writable` is what the location allows. */
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

/**
 * Whether the file's owner may write it. A student who removed that permission meant it: replacing the file would
 * circumvent it.
 */
export function ownerMayWrite(stats: BigIntStats): boolean {
  return (stats.mode & 0o200n) !== 0n;
}
