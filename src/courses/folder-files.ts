/** The files of a folder, read within bounds. What is no regular file is told and left out: a pipe, a link, a device. */
import { UserError } from "../base/errors.ts";
import { counted } from "../base/counted.ts";
import { shown } from "../workspace/file-names.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Bounds of a folder. */
export interface FolderBounds {
  readonly files: number;
  readonly bytes: number;
}

/** What was found. */
export interface FolderFiles {
  /** By the path below the folder. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** What can't be taken, in words. */
  readonly skipped: readonly string[];
}

/** Most kinds of things that are told to be left out. */
const maxSkipped = 20;

/** Reads all files of a folder; none where there is no folder. Throws `too-large` or `too-many-entries` beyond the bounds. */
export async function readFolder(workspace: Workspace, folder: string, bounds: FolderBounds): Promise<FolderFiles> {
  const files = new Map<string, Buffer>();
  const skipped: string[] = [];
  let bytes = 0;
  let entries = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const listing = await listIfThere(workspace, next);
    entries += listing.entries.length;
    if (listing.truncated || entries > 2 * bounds.files) throw tooMany(bounds);
    for (const { kind, path, size, name } of listing.entries) {
      if (kind === "directory") {
        if (name !== "__pycache__") waiting.push(path);
        continue;
      }
      const below = path.slice(folder.length + 1);
      if (kind !== "file") {
        if (skipped.length < maxSkipped) skipped.push(`${shown(below)} is ${kind === "link" ? "a link" : "no file"}`);
        continue;
      }
      if (files.size >= bounds.files) throw tooMany(bounds);
      if (bytes + size > bounds.bytes) throw tooLarge(bounds);
      const content = await workspace.readBytes(path);
      bytes += content.length;
      if (bytes > bounds.bytes) throw tooLarge(bounds);
      files.set(below, content);
    }
  }
  return { files: new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1))), skipped };
}

async function listIfThere(workspace: Workspace, folder: string) {
  try {
    return await workspace.list(folder);
  } catch (error) {
    if (error instanceof UserError && error.code === "file-not-found") return { entries: [], truncated: false };
    throw error;
  }
}

function tooMany({ files }: FolderBounds): UserError {
  return new UserError(
    "too-many-entries",
    `more than ${counted(files, "file")} in the folder`,
    "Move what does not belong there elsewhere.",
  );
}

function tooLarge({ bytes }: FolderBounds): UserError {
  return new UserError(
    "too-large",
    `more than ${bytes >> 20} MiB in the folder`,
    "Move what does not belong there elsewhere.",
  );
}
