/** What survives a power loss. */
import { open } from "node:fs/promises";

/** Writes the entries of a directory to the disk: only then does a new name or a rename survive a power loss. */
export async function syncDirectoryAt(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
