/** Renaming that never replaces anything. */
import { systemCode } from "../base/errors.ts";
import { syncDirectory } from "./confined.ts";
import { calls, lstat, type Descriptor, type FolderEntry } from "./descriptor.ts";
import { moveWithoutReplacing } from "./without-replacing.ts";
import type { Note } from "./save.ts";

/** Moves a file, link or folder to a free name; rejects with EEXIST when it is taken. `note` is called before. */
export async function move(from: FolderEntry, to: FolderEntry, note?: Note): Promise<void> {
  const stats = await lstat(from.folder.at(from.name));
  await note?.(stats);
  if (stats.isDirectory()) await moveDirectory(from, to);
  else await moveWithoutReplacing(from.folder, from.name, to.folder, to.name);
  await syncDirectory(to.folder);
  await syncDirectory(from.folder);
}

/**
 * Folders have no hard links, but rename replaces only an empty folder and never anything else: so we make an empty
 * folder, which fails when the name is taken, and rename onto it. Whatever is put there meanwhile makes the rename
 * fail.
 */
async function moveDirectory(from: FolderEntry, to: FolderEntry): Promise<void> {
  await calls.mkdir(to.folder.at(to.name), 0o700);
  try {
    await calls.rename(from.folder.at(from.name), to.folder.at(to.name));
  } catch (error) {
    await giveUp(to.folder, to.name);
    throw error;
  }
}

/** Removes our empty folder, unless something was put there: then it is no longer ours. */
async function giveUp(parent: Descriptor, name: Buffer): Promise<void> {
  try {
    await calls.rmdir(parent.at(name));
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
  }
}
