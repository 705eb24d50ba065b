/** Names for files that replace nothing, whatever happens at the same time. */
import { constants } from "node:fs";
import { systemCode } from "../base/errors.ts";
import { calls, Descriptor, fstat } from "./descriptor.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Flags that open a file which must be new. */
export const newFile = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/**
 * Gives a file another name; rejects with EEXIST when it is taken. `rename` would replace what is there, and Node.js
 * has no RENAME_NOREPLACE; making a second hard link fails when the name exists, in one step. A crash between link and
 * unlink leaves both names, never none.
 */
export async function moveWithoutReplacing(
  from: Descriptor,
  name: Buffer,
  to: Descriptor,
  newName: Buffer,
): Promise<void> {
  try {
    await calls.link(from.at(name), to.at(newName));
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(systemCode(error) ?? "")) throw error;
    return await moveOntoReservation(from, name, to, newName);
  }
  await calls.unlink(from.at(name));
}

/**
 * For file systems without hard links, and files of another account: an empty file reserves the name until the rename.
 */
async function moveOntoReservation(from: Descriptor, name: Buffer, to: Descriptor, newName: Buffer): Promise<void> {
  using reservation = await Descriptor.open(to.at(newName), newFile, 0o600);
  try {
    await calls.rename(from.at(name), to.at(newName));
  } catch (error) {
    if ((await fstat(reservation)).size === 0n) await unlinkIfThere(to, newName);
    throw error;
  }
}

/** Deletes a file if it exists. */
export async function unlinkIfThere(parent: Descriptor, name: Buffer): Promise<void> {
  try {
    await calls.unlink(parent.at(name));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
