/** What a power loss does not undo. */
import { open } from "node:fs/promises";

/** Brings the entries of a directory to the disk: a new name, or a rename, survives a power loss only then. */
export async function syncDirectoryAt(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
