/** A real small disk for a program: a tmpfs in a user namespace. Everything else of the machine is read-only there. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loader } from "./program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `program DIRECTORY` on a disk of so many MiB; gives back what it printed, as JSON. */
export async function onSmallDisk<T>(program: string, mebibytes: number): Promise<T> {
  const { stdout } = await promisify(execFile)("/usr/bin/bwrap", [
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--unshare-pid",
    "--proc",
    "/proc",
    "--tmpfs",
    "/var/tmp",
    "--size",
    String(mebibytes * 2 ** 20),
    "--tmpfs",
    "/mnt",
    "--setenv",
    "TMPDIR",
    "/var/tmp",
    "--chdir",
    root,
    process.execPath,
    ...loader,
    program,
    "/mnt",
  ]);
  return JSON.parse(stdout) as T;
}

/** The same on a disk of 8 MiB with so many inodes. */
export async function onDiskWithInodes<T>(program: string, inodes: number): Promise<T> {
  const mounts =
    'mount -t tmpfs -o "size=8m,nr_inodes=$1" none /mnt && mount -t tmpfs none /var/tmp && shift && exec "$@"';
  const { stdout } = await promisify(execFile)(
    "/usr/bin/unshare",
    [
      "--user",
      "--map-root-user",
      "--mount",
      "--",
      "/bin/sh",
      "-c",
      mounts,
      "mounts",
      String(inodes),
      process.execPath,
      ...loader,
      program,
      "/mnt",
    ],
    { cwd: root, env: { PATH: "/usr/bin:/bin", TMPDIR: "/var/tmp" } },
  );
  return JSON.parse(stdout) as T;
}
