import type { PublicAddress } from "./workbench-options.ts";

/** The line that copies a file or folder of the path language to the machine at which it is typed, with OpenSSH's scp. */
export function copyCommand(
  { host, port }: PublicAddress,
  username: string,
  { path, folder }: { readonly path: string; readonly folder: boolean },
): string {
  const flags = [...(folder ? ["-r"] : []), ...(port === 22 ? [] : ["-P", String(port)])];
  const own = `/home/${username}/`;
  const short = path.startsWith(own) ? path.slice(own.length) : path;
  // A relative path that begins with ~ or - means something else; scp takes what follows the first colon as it is.
  const remote = `${username}@${host}:${/^[~-]/.test(short) ? `./${short}` : short}`;
  return ["scp", ...flags, quoted(remote), "."].join(" ");
}

/** As one word for POSIX shells, and for PowerShell where nothing in it is a quote. */
function quoted(word: string): string {
  return /^[\w@:./+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
