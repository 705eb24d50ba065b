/** The keys of readline in every jail: at Python's prompt, and in what programs start (pdb, sqlite3, bash). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Keys of common terminals that readline does not know by itself. Without the last line, the end of every other key's
 * sequence would be typed: `~` for F7.
 */
const inputrc = String.raw`"\e[1~": beginning-of-line
"\e[4~": end-of-line
"\e[7~": beginning-of-line
"\e[8~": end-of-line
"\eOH": beginning-of-line
"\eOF": end-of-line
"\e[3~": delete-char
"\e[1;5C": forward-word
"\e[1;5D": backward-word
"\e[1;3C": forward-word
"\e[1;3D": backward-word
"\e[3;5~": kill-word
"\e[": skip-csi-sequence
`;

/** Path of the file on the host, in our own directory. */
export const inputrcFile = (directory: string): string => join(directory, "inputrc");

/** Writes the file, which all jails use. */
export async function writeInputrc(directory: string): Promise<void> {
  await writeFile(inputrcFile(directory), inputrc, { mode: 0o600 });
}
