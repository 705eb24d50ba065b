/**
 * Archives of removed accounts: DIR/archive/USER-TIME.tar.gz with `home` and, if there was some, `unsaved`. First both
 * are moved to DIR/archive/USER-TIME, so that nobody finds them half packed under the old name; they are deleted when
 * the archive is complete and on the disk. A server that is killed meanwhile leaves that folder, with everything in it.
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

/** Where accounts keep things, and where archives go. */
export interface ArchivesOptions {
  /** DIR/archive. */
  readonly directory: string;
  /** Functions that give the folders of an account, by their names in the archive. */
  readonly sources: Readonly<Record<string, (username: string) => string>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was taken from an account. */
export interface Taken {
  /** Folder that holds all of it. */
  readonly folder: string;
  /** Whether there was anything. */
  readonly any: boolean;
}

/** The longest packing; a full home (200 MiB) takes some seconds. */
const maxMs = 10 * 60_000;
/** Characters of a program's standard error that are kept. */
const keptComplaints = 2000;
/** Rounds of deleting a folder, which may hold very many files; see `removeTree`. */
const maxGoes = 100;

/** The archives of a server. */
export class Archives {
  readonly #options: ArchivesOptions;

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  /** Moves everything that the account kept to DIR/archive. `giveBack` undoes it. */
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

  /** Moves everything back, or to another name under which nothing is kept. */
  async giveBack(username: string, { folder, any }: Taken): Promise<void> {
    if (!any) return;
    for (const [name, at] of Object.entries(this.#options.sources)) await this.#move(join(folder, name), at(username));
    await rmdir(folder);
  }

  /**
   * Packs what was taken; resolves with the path of the archive when it is on the disk. Rejects with `archive-failed`,
   * and nothing is lost.
   */
  async pack({ folder }: Taken): Promise<string> {
    const file = `${folder}.tar.gz`;
    const partial = `${file}.partial`;
    try {
      // A program may have removed the owner's rights to its files.
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

  /** Deletes what was taken. */
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

  /** Moves a folder; false when it does not exist. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      // A folder without write permission can't be moved, and a program may have removed it.
      await chmod(from, 0o700);
      await rename(from, to);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      // On a file system of its own, as with several machines: mv copies, and deletes when everything is copied.
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
    // tar's status 1: a file changed while it was read; a program may still have been running.
    if (status === 0 || (program === "tar" && status === 1)) return;
    throw new UserError(
      "archive-failed",
      "the files could not be archived",
      "The server's log says why; perhaps the disk is full. Nothing was removed.",
    );
  }
}
