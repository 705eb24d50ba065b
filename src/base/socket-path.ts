/**
 * The path of a socket may have 107 bytes (sun_path, unix(7)). Node.js silently truncates a longer one and listens
 * elsewhere, so the socket of a deep data directory is in the temporary directory, in a folder that only its owner can
 * enter, under a name derived from the path: every process derives the same name.
 */
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, UserError } from "./errors.ts";

const maxPath = 107;

/** The real path of the socket that people know as `path`. */
export function socketPath(path: string): string {
  if (Buffer.byteLength(path) <= maxPath) return path;
  const name = createHash("sha256").update(path).digest("hex").slice(0, 16);
  // Not TMPDIR: the server's may differ from that of the process that looks for its socket.
  return join(`/tmp/classh-${name}`, basename(path));
}

/** The same, with its folder made. Throws a UserError when the folder belongs to somebody else. */
export async function prepareSocketPath(path: string): Promise<string> {
  const real = socketPath(path);
  if (real === path) return path;
  const folder = dirname(real);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new UserError(
      "bad-setting",
      `the path ${path} is too long for a socket, and ${folder} is somebody else's`,
      "Choose a data directory with a shorter path: --data DIR.",
    );
  }
  await chmod(folder, 0o700);
  return real;
}
