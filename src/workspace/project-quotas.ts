/**
 * Quotas of the kernel for homes, where the file system has them (ext4 and XFS mounted with prjquota) and bin/start ran
 * as root.
 *
 * Theory of operation: the kernel counts what each project id uses. Only root sets limits, and the server has given up
 * root for good before anybody has an account. So bin/start sets the same limits for a reserved range of ids
 * (bin/prepare-quotas), and the server gives each home one of them, which the owner of files may do. What is made in a
 * home gets its folder's id; a program can't change it, since that is refused in a user namespace. Whether a limit
 * applies shows in statfs(2): for a directory with an id it gives the limit as the size.
 *
 * Which home has which id is kept in DIR/projects: `id-N` is taken by making the directory, so that two processes never
 * give out the same; `name-USER` names the id, `done-USER` says that all files of the home have it (older files get it
 * one by one, in the background).
 */
import { execFile } from "node:child_process";
import { link, mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** A range of project ids, both ends included. */
export interface ProjectRange {
  readonly first: number;
  readonly last: number;
}

/** Where homes and notes are, and the ids. */
export interface ProjectQuotaOptions {
  /** DIR/projects. */
  readonly directory: string;
  /** Directory of the homes, which have the names of accounts. */
  readonly homes: string;
  /** The ids reserved for homes; undefined for no kernel quotas. */
  readonly range: ProjectRange | undefined;
  /** Limit that bin/start has set for each id. */
  readonly limitBytes: number;
  readonly python: string;
  /** Whether this process frees the ids of removed homes: one of several does. */
  readonly sweeps: boolean;
  readonly log: Log;
  /** Size of a directory's file system as seen from the directory; default: statfs(2). */
  readonly sizeOf?: (directory: string) => Promise<number>;
  /** Whether a directory is on a file system mounted with project quotas; default: what the system says. */
  readonly isMounted?: (directory: string) => Promise<boolean>;
}

/** The range in the text of the setting, "1000-1999"; undefined for "". */
export function projectRange(text: string): ProjectRange | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
}

const runTool = promisify(execFile);
const helper = fileURLToPath(new URL("assign-project.py", import.meta.url));

/** The longest run of the helper: hundreds of thousands of files take a minute. */
const helperMs = 600_000;

/** Factor for file systems that round their sizes. */
const rounding = 1.01;

const realSize = async (directory: string): Promise<number> => {
  const { blocks, bsize } = await statfs(directory);
  return blocks * bsize;
};

/** The kernel quotas of a server. */
export class ProjectQuotas implements AsyncDisposable {
  /** Why the kernel does not enforce quotas here; undefined when it does. */
  readonly reason: string | undefined;
  readonly #options: ProjectQuotaOptions;
  readonly #held = new Set<string>();
  readonly #working = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  private constructor(options: ProjectQuotaOptions, reason: string | undefined) {
    this.#options = options;
    this.reason = reason;
  }

  /** Tries whether limits apply here. */
  static async open(options: ProjectQuotaOptions): Promise<ProjectQuotas> {
    await mkdir(options.homes, { recursive: true, mode: 0o700 });
    const reason = await whyNot(options);
    const quotas = new ProjectQuotas(options, reason);
    if (reason === undefined) {
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      if (options.sweeps) await quotas.#sweep();
    }
    options.log.info("disk quotas", { by: reason === undefined ? "the kernel" : "watching", reason });
    return quotas;
  }

  /** Whether the kernel refuses what exceeds the quota of this home. */
  holds(username: string): boolean {
    return this.#held.has(username);
  }

  /**
   * Puts a home under its quota; resolves when all its files are. Never rejects: without a kernel quota programs are
   * watched.
   */
  assign(username: string): Promise<void> {
    if (this.reason !== undefined || this.#held.has(username) || this.#closing.signal.aborted) return Promise.resolve();
    const running = this.#working.get(username);
    if (running) return running;
    const work = this.#assign(username)
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted)
          this.#options.log.warn("a home has no quota of the kernel: its programs are watched", {
            user: username,
            error,
          });
      })
      .finally(() => this.#working.delete(username));
    this.#working.set(username, work);
    return work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#working.values());
  }

  async #assign(username: string): Promise<void> {
    const { homes, directory } = this.#options;
    const home = join(homes, username);
    const id = await this.#claim(username);
    const done = join(directory, `done-${username}`);
    // A home that was removed and made again has no id, whatever the note says.
    if (!((await readIfThere(done)) === String(id) && (await isLimited(this.#options, home)))) {
      await give(this.#options, id, home, this.#closing.signal);
      if (!(await isLimited(this.#options, home))) throw new Error(`project ${id} has no limit`);
      await writeFile(done, String(id));
    }
    this.#held.add(username);
  }

  /** The id of a home; a new one when it has none. */
  async #claim(username: string): Promise<number> {
    const { directory } = this.#options;
    const note = join(directory, `name-${username}`);
    const known = await readIfThere(note);
    if (known !== undefined) return Number(known);
    const id = await this.#takeFree();
    const written = join(directory, `new-${id}`);
    try {
      await writeFile(written, String(id));
      // In one step, with its content: another process may do the same for the same person.
      await link(written, note);
      return id;
    } catch (error) {
      await rmdir(this.#taken(id));
      if (systemCode(error) === "EEXIST") return Number(await readFile(note, "utf8"));
      throw error;
    } finally {
      await rm(written, { force: true });
    }
  }

  async #takeFree(): Promise<number> {
    const { range = { first: 0, last: -1 }, directory } = this.#options;
    const taken = new Set(await readdir(directory));
    for (let id = range.first; id < range.last; id++) {
      if (taken.has(`id-${id}`)) continue;
      try {
        await mkdir(this.#taken(id));
        return id;
      } catch (error) {
        if (systemCode(error) !== "EEXIST") throw error; // another process was faster: try the next id
      }
    }
    throw new Error(`all project ids from ${range.first} to ${range.last} are taken (disk.projectIds)`);
  }

  #taken(id: number): string {
    return join(this.#options.directory, `id-${id}`);
  }

  async #sweep(): Promise<void> {
    const { directory, homes } = this.#options;
    for (const name of await readdir(directory)) {
      const username = /^name-(.+)$/.exec(name)?.[1];
      if (username === undefined || (await exists(join(homes, username)))) continue;
      const id = await readIfThere(join(directory, name));
      await rm(join(directory, `done-${username}`), { force: true });
      await unlink(join(directory, name));
      if (id !== undefined) await rm(this.#taken(Number(id)), { recursive: true, force: true });
    }
  }
}

/** Why ids don't work here, tried on an empty directory beside the homes; undefined when they do. */
async function whyNot(options: ProjectQuotaOptions): Promise<string | undefined> {
  const { range, homes, limitBytes } = options;
  if (!range) return "disk.projectIds is empty";
  if ((await (options.sizeOf ?? realSize)(homes)) <= limitBytes * rounding)
    return "the file system is no larger than what one person may keep";
  if (!(await (options.isMounted ?? hasProjectQuotas)(homes)))
    return "the file system is not mounted with prjquota (ext4, XFS)";
  let probe: string | undefined;
  try {
    probe = await mkdtemp(join(homes, "..", ".quota-probe-"));
    await give(options, range.last, probe);
    if (await isLimited(options, probe)) return undefined;
    return "no limits are set: start with bin/start as root";
  } catch (error) {
    return `files can't be given a project here (${messageOf(error)})`;
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true });
  }
}

async function hasProjectQuotas(directory: string): Promise<boolean> {
  const { dev } = await stat(directory);
  // gnu_dev_major(3) and gnu_dev_minor(3), for the numbers that occur.
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  for (const line of (await readFile("/proc/self/mountinfo", "utf8")).split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const options = after.split(" ")[2]?.split(",") ?? [];
    if (before.split(" ")[2] === device && (options.includes("prjquota") || options.includes("pquota"))) return true;
  }
  return false;
}

async function isLimited({ limitBytes, sizeOf = realSize }: ProjectQuotaOptions, directory: string): Promise<boolean> {
  return (await sizeOf(directory)) <= limitBytes * rounding;
}

async function give(
  { python }: ProjectQuotaOptions,
  id: number,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  await runTool(python, ["-I", helper, String(id), directory], { timeout: helperMs, signal });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said =
    "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim().split("\n").at(-1) : undefined;
  return said || error.message;
}
