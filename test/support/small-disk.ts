/** A real small disk for a program: a tmpfs in a user namespace. Everything else of the machine is read-only there. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `program DIRECTORY` on a disk of so many MiB; gives back what it printed, as JSON. */
export async function onSmallDisk<T>(program: string, mebibytes: number): Promise<T> {
  const { stdout } = await promisify(execFile)("/usr/bin/bwrap", [
    "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc", "--tmpfs", "/var/tmp",
    "--size", String(mebibytes * 2 ** 20), "--tmpfs", "/mnt", "--setenv", "TMPDIR", "/var/tmp", "--chdir", root,
    process.execPath, "--import", "tsx", program, "/mnt",
  ]);
  return JSON.parse(stdout) as T;
}
