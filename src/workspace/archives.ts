/**
 * Putting away what an account kept: DIR/archive/USER-TIME.tar.gz with `home` and, where there was some, `unsaved`. First both are
 * moved to DIR/archive/USER-TIME, so that nobody can find them half packed under the old name; they are deleted when the archive
 * is whole and on the disk. A server that is killed meanwhile leaves that folder, with everything in it.
 */
import { spawn } from "node:child_process";
import { chmod, lstat, mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { syncDirectoryAt as syncPath } from "../base/durable.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { isAccountName } from "./access.ts";
import { openDirectory, syncDirectory } from "./confined.ts";
import { removeTree } from "./remove.ts";

export interface ArchivesOptions {
  /** DIR/archive. */
  readonly directory: string;
  /** Where a person's files are, by their names in an archive. */
  readonly sources: Readonly<Record<string, (username: string) => string>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was taken from an account, and where it is now. */
export interface Taken {
  /** A folder with everything. */
  readonly folder: string;
  /** Whether there was anything. */
  readonly any: boolean;
}

/** A full home (200 MiB) takes some seconds. */
const maxMs = 10 * 60_000;
/** Characters of a program's complaints that are kept. */
const keptComplaints = 2000;
/** A folder with very many files is deleted in so many goes, see `removeTree`. */
const maxGoes = 100;

export class Archives {
  readonly #options: ArchivesOptions;

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  /** Moves everything that the account kept out of everybody's way. `giveBack` undoes it. */
  async take(username: string): Promise<Taken> {
    if (!isAccountName(username)) throw new UserError("bad-name", `not the name of an account: ${username}`);
    const { directory, sources, clock } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const folder = join(directory, `${username}-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-")}`);
    await mkdir(folder, { mode: 0o700 });
    let any = false;
    try {
      for (const [name, at] of Object.entries(sources))
        any = (await this.#move(at(username), join(folder, name))) || any;
    } catch (error) {
      await this.giveBack(username, { folder, any: true });
      throw error;
    }
    if (!any) await rmdir(folder);
    return { folder, any };
  }

  /** Whether anything is kept under this name. */
  async holds(username: string): Promise<boolean> {
    for (const at of Object.values(this.#options.sources)) {
      const found = await lstat(at(username)).catch((error: unknown) => {
        if (systemCode(error) === "ENOENT") return undefined;
        throw error;
      });
      if (found) return true;
    }
    return false;
  }

  /** Puts everything back where it was, or under another name that nothing is kept under. */
  async giveBack(username: string, { folder, any }: Taken): Promise<void> {
    if (!any) return;
    for (const [name, at] of Object.entries(this.#options.sources)) await this.#move(join(folder, name), at(username));
    await rmdir(folder);
  }

  /** Packs what was taken. Resolves with the archive's path when it is on the disk; throws `archive-failed`, and nothing is lost. */
  async pack({ folder }: Taken): Promise<string> {
    const file = `${folder}.tar.gz`;
    const partial = `${file}.partial`;
    try {
      // A program may have taken the rights to its files away from their owner.
      await this.#run("chmod", ["-R", "u+rwX", "--", folder]);
      await this.#run("tar", [
        "--create",
        "--sparse",
        "--use-compress-program=gzip -1",
        `--file=${partial}`,
        `--directory=${dirname(folder)}`,
        "--",
        basename(folder),
      ]);
      const handle = await open(partial, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(partial, file);
      using directory = await openDirectory(dirname(folder), []);
      await syncDirectory(directory);
      return file;
    } catch (cause) {
      await rm(partial, { force: true });
      if (cause instanceof UserError) throw cause;
      throw new UserError(
        "archive-failed",
        "the files could not be archived",
        "The server's log says why; perhaps the disk is full. Nothing was removed.",
        { cause },
      );
    }
  }

  /** Deletes what was taken, for good. */
  async discard({ folder }: Taken): Promise<void> {
    using directory = await openDirectory(dirname(folder), []);
    for (let go = 1; ; go++) {
      try {
        return await removeTree(directory, Buffer.from(basename(folder)));
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== "too-many-entries" || go === maxGoes) throw error;
      }
    }
  }

  /** Whether it was there. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      // A folder without write permission can't be moved, and a program may have taken it away.
      await chmod(from, 0o700);
      await rename(from, to);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      // Files on a file system of their own, as several machines have them: mv copies, and deletes when all is copied.
      if (systemCode(error) !== "EXDEV") throw error;
      await this.#run("chmod", ["-R", "u+rwX", "--", from]);
      await this.#run("mv", ["--no-target-directory", "--", from, to]);
    }
    await syncPath(dirname(to));
    await syncPath(dirname(from));
    return true;
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const child = spawn("nice", ["-n", "10", program, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: maxMs,
      killSignal: "SIGKILL",
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    });
    let complaints = "";
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (complaints = (complaints + text).slice(0, keptComplaints)));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (complaints) this.#options.log.warn(`${program} complained`, { status, complaints });
    // tar's 1: a file changed while it was read; a program may still have been running.
    if (status === 0 || (program === "tar" && status === 1)) return;
    throw new UserError(
      "archive-failed",
      "the files could not be archived",
      "The server's log says why; perhaps the disk is full. Nothing was removed.",
    );
  }
}
