/** Deletes a folder with everything in it by a confined walk: fs.rm follows paths that can change under it. */
import { systemCode, UserError } from "../base/errors.ts";
import { openChild, readNames, syncDirectory } from "./confined.ts";
import { calls, fstat, type Descriptor } from "./descriptor.ts";
import { temporaryName } from "./save.ts";

/** Folders held open at once; deeper ones are moved up first. */
const heldFolders = 32;

/** Names read at once. */
const batch = 512;

/** Entries that one request deletes at most: about ten seconds of work. */
export const maxRemoved = 100_000;

interface Work {
  /** The folder that is being deleted; deep folders are moved up into it. */
  readonly top: Descriptor;
  left: number;
}

/** Deletes a file, a link (never its target), or an empty folder. */
export async function removeOne(parent: Descriptor, name: Buffer): Promise<void> {
  if (!(await unlinked(parent, name))) await calls.rmdir(parent.at(name));
  await syncDirectory(parent);
}

/**
 * Deletes a file or a folder with everything in it, however deep. Links in it are deleted, not followed. Rejects with
 * `too-many-entries` after `maxRemoved`; what is gone by then stays gone.
 */
export async function removeTree(parent: Descriptor, name: Buffer): Promise<void> {
  if (!(await unlinked(parent, name))) {
    {
      using top = await openChild(parent, name);
      await empty(top, { top, left: maxRemoved }, 1);
    }
    await calls.rmdir(parent.at(name));
  }
  await syncDirectory(parent);
}

/** Deletes a file or link; false for a folder. */
async function unlinked(parent: Descriptor, name: Buffer): Promise<boolean> {
  try {
    await calls.unlink(parent.at(name));
    return true;
  } catch (error) {
    if (systemCode(error) === "EISDIR") return false;
    throw error;
  }
}

async function empty(folder: Descriptor, work: Work, depth: number): Promise<void> {
  await permitOwner(folder);
  // Until a reading finds nothing: deep folders are moved up meanwhile, and a running program may go on making files.
  for (let names = await readNames(folder, batch); names.length > 0; names = await readNames(folder, batch)) {
    for (const name of names) await removeEntry(folder, name, work, depth);
  }
}

async function removeEntry(folder: Descriptor, name: Buffer, work: Work, depth: number): Promise<void> {
  if (work.left-- <= 0) {
    throw new UserError(
      "too-many-entries",
      `deleted ${maxRemoved} files, and there are more`,
      "Delete again to continue. If a program is still creating files, stop it first.",
    );
  }
  try {
    if (await unlinked(folder, name)) return;
    using child = await openChild(folder, name);
    if (depth < heldFolders) {
      await empty(child, work, depth + 1);
      await calls.rmdir(folder.at(name));
    } else {
      await permitOwner(child); // moving a folder changes its "..", which needs write permission on it
      await calls.rename(folder.at(name), work.top.at(temporaryName()));
    }
  } catch (error) {
    // Gone, replaced or filled again by a running program: the next reading sees what is there now, within the same
    // bound.
    if (!["ENOENT", "ENOTEMPTY", "ENOTDIR", "not-a-directory"].includes(systemCode(error) ?? "")) throw error;
  }
}

/**
 * Gives a folder's owner all rights. A program may have removed them; the folder is the student's, who asked us to
 * delete it.
 */
async function permitOwner(folder: Descriptor): Promise<void> {
  const { mode } = await fstat(folder);
  if ((mode & 0o700n) !== 0o700n) await calls.chmod(folder.self, 0o700);
}
