/**
 * Removes throw-away copies, whatever programs made there, with synchronous calls in a thread of its own
 * (tree-thread.ts). As in remove.ts each folder is opened by its name in the one above it; here nobody else is at work,
 * nothing has to survive a crash, and everything is removed.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, constants, fstatSync, opendirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { systemCode } from "../base/errors.ts";
import { Descriptor, O_PATH } from "./descriptor.ts";

const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Folders held open at once; deeper ones are moved up first. */
const heldFolders = 32;

/**
 * Removes a directory on disk, however deep and whatever its permissions. It may be missing, or be removed by others at
 * the same time.
 */
export function removeCopies(directory: string): void {
  try {
    using parent = Descriptor.openSync(dirname(directory), O_PATH | constants.O_DIRECTORY);
    const name = parent.at(Buffer.from(basename(directory)));
    using top = Descriptor.openSync(name, folderFlags);
    empty(top, top, 1);
    rmdirSync(name);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Empties a folder: reads it until a reading finds nothing, since deep folders are moved up meanwhile. */
function empty(folder: Descriptor, top: Descriptor, depth: number): void {
  permitOwner(folder);
  for (let found = true; found;) {
    found = false;
    // The types allow only text encodings, but names that are not UTF-8 need bytes.
    const entries = opendirSync(folder.self, { encoding: "buffer" as BufferEncoding, bufferSize: 256 });
    try {
      for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
        found = true;
        removeEntry(folder, entry.name as unknown as Buffer, top, depth);
      }
    } finally {
      entries.closeSync();
    }
  }
}

function removeEntry(folder: Descriptor, name: Buffer, top: Descriptor, depth: number): void {
  try {
    const path = folder.at(name);
    if (unlinked(path)) return;
    using child = Descriptor.openSync(path, folderFlags);
    if (depth < heldFolders) {
      empty(child, top, depth + 1);
      rmdirSync(path);
    } else {
      permitOwner(child); // moving a folder changes its "..", which needs write permission on it
      renameSync(path, top.at(Buffer.from(`deep-${randomBytes(8).toString("hex")}`)));
    }
  } catch (error) {
    // Gone, replaced or filled again by a program that is just ending: the next reading sees what is there now.
    if (!["ENOENT", "ENOTEMPTY", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
  }
}

/** Deletes a file; false for a folder. */
function unlinked(path: Buffer): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EISDIR") return false;
    throw error;
  }
}

function permitOwner(folder: Descriptor): void {
  const { mode } = fstatSync(folder.fd);
  if ((mode & 0o700) !== 0o700) chmodSync(folder.self, 0o700);
}
