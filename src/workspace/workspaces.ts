/** All files of a server: DIR/files, with the homes in Local and the folders of the course. */
import { mkdir, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { ServerWrites } from "../base/server-writes.ts";
import type { Settings } from "../config/schema.ts";
import { homesFolder, isAccountName, isStaff, isTeacher, type Person, type Students } from "./access.ts";
import { openDirectory, readNames, syncDirectory } from "./confined.ts";
import { calls, fstat, type Descriptor } from "./descriptor.ts";
import { HomeCopies, type Copying, type HomeCopy } from "./home-copy.ts";
import { sweepLeftovers } from "./leftovers.ts";
import { courseFolders, homePath, staffFolder, staffFolders } from "./paths.ts";
import type { ProjectQuotas } from "./project-quotas.ts";
import { Quota } from "./quota.ts";
import { courseSamples, welcomeProgram } from "./samples.ts";
import { saveNew, writeAll, type Note } from "./save.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import { giveBack } from "./walk.ts";
import { Workspace, type Shared } from "./workspace.ts";

export type { Person, Students } from "./access.ts";

/** A directory on disk that a jail shows at a path of the path language. */
export interface HostMount {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
  /** Whether the jails of others show it, too. */
  readonly common?: boolean;
  /** Whether symbolic links there are followed; true by default. */
  readonly followLinks?: boolean;
}

/** Modification time of a home that could not get its first program. */
const welcomeDue = new Date(0);

/** Homes that are looked at: more than a server has accounts. */
const maxHomes = 100_000;

/** Factor of the quota that a home may reach for the moment in which a running program fills it. */
const overQuota = 1.25;

/** The files of a server. */
export class Workspaces {
  readonly #shared: Shared;
  readonly #copies: HomeCopies;
  readonly #homeBytes: number;
  readonly #homeEntries: number;
  readonly #projects: ProjectQuotas | undefined;

  /** `copies`: directory for this process's throw-away copies of homes; on the same disk they may share blocks. */
  constructor(options: {
    readonly directory: string;
    readonly copies?: string;
    readonly limits: Settings["limits"];
    readonly students: Students;
    readonly onForeignChange?: Shared["onForeignChange"];
    readonly log: Log;
    readonly clock?: Clock;
    readonly room?: DiskRoom | undefined;
    readonly projects?: ProjectQuotas | undefined;
  }) {
    const { directory, limits, log, clock = systemClock, room } = options;
    this.#copies = new HomeCopies(options.copies ?? join(dirname(directory), "copies"));
    this.#projects = options.projects;
    this.#homeBytes = limits.workspaceMebibytes * 2 ** 20;
    this.#homeEntries = limits.workspaceEntries;
    const openHome = (owner: string): Promise<Descriptor> => this.#openHome(owner);
    this.#shared = {
      directory,
      fileBytes: limits.fileMebibytes * 2 ** 20,
      folderDepth: limits.folderDepth,
      folderEntries: limits.folderEntries,
      quota: new Quota({
        limitBytes: this.#homeBytes,
        maxEntries: limits.workspaceEntries,
        depth: limits.folderDepth,
        clock,
        openHome,
      }),
      turns: new KeyedMutex(),
      students: options.students,
      clock,
      log,
      onForeignChange: options.onForeignChange,
      room,
      writes: new ServerWrites(join(dirname(directory), "server-writes"), log),
      homesAreProjects: options.projects !== undefined && options.projects.reason === undefined,
    };
  }

  /** Makes top folders that are missing; a new course gets a first lecture note and a first assignment. */
  async prepare(): Promise<void> {
    await mkdir(this.#shared.directory, { recursive: true, mode: 0o700 });
    using top = await openDirectory(this.#shared.directory, []);
    await makeFolder(top, homesFolder);
    for (const name of courseFolders) {
      if (!(await makeFolder(top, name))) continue;
      using folder = await openDirectory(this.#shared.directory, [Buffer.from(name)]);
      for (const [file, text] of Object.entries(courseSamples[name])) await putSample(folder, file, text);
    }
    await makeFolder(top, staffFolder);
    using staff = await openDirectory(this.#shared.directory, [Buffer.from(staffFolder)]);
    for (const name of staffFolders) await makeFolder(staff, name);
  }

  /**
   * Makes an account's home, with a first program; for an existing home makes it usable and removes what a crash left
   * in it. A full disk keeps nobody from their home: the program comes at a later login, if nothing was put into the
   * home meanwhile.
   */
  async ensureHome(username: string): Promise<void> {
    if (!isAccountName(username)) throw new UserError("bad-name", `not the name of an account: ${username}`);
    await this.#shared.turns.run(`home of ${username}`, async () => {
      using homes = await openDirectory(this.#shared.directory, [Buffer.from(homesFolder)]);
      const made = await makeFolder(homes, username);
      using home = await this.#openHome(username);
      await giveBack(home);
      // Before there is anything in it; files of an older home get their project while people work.
      const limited = this.#projects?.assign(username);
      if (made) {
        await this.#shared.writes.forget(username);
        await limited;
      } else await this.#sweep(username, home);
      if (made || (await this.#awaitsWelcome(home))) await this.#welcome(username, home);
    });
  }

  /** File that notes what the server writes into an account's home, see base/server-writes.ts. */
  serverWritesFile(username: string): string {
    return this.#shared.writes.fileOf(username);
  }

  /** Homes with little room left, among those that were counted lately. */
  get crowdedHomes(): number {
    return this.#shared.quota.crowded;
  }

  /** Whether the kernel refuses what exceeds the quota of this home. */
  hasKernelQuota(username: string): boolean {
    return this.#projects?.holds(username) ?? false;
  }

  /** The files as a person sees them. */
  for(person: Person): Workspace {
    return new Workspace(person, this.#shared);
  }

  /**
   * What a person's jail shows, and where, in the path language. Never /students: other people's programs are there,
   * and any of them that a teacher's own program imports or starts would be able to write everything that this jail
   * may. `home` is another directory in place of the home.
   */
  hostMounts(person: Person, home = this.homeDirectory(person.username)): readonly HostMount[] {
    const { directory } = this.#shared;
    const writable = isTeacher(person);
    const course = courseFolders.map((name): HostMount => ({
      source: join(directory, name),
      target: `/course/${name}`,
      writable,
      common: !writable,
    }));
    const staff = staffFolders.map((name): HostMount => ({
      source: join(directory, staffFolder, name),
      target: `/staff/${name}`,
      writable,
      common: !writable,
    }));
    const own = { source: home, target: homePath(person.username), writable: true };
    return [own, ...course, ...(isStaff(person) ? staff : [])];
  }

  /**
   * The homes below /students as a member of staff sees them, for transfers: only for a tool that runs nothing which lies
   * there.
   */
  async studentMounts(person: Person): Promise<readonly HostMount[]> {
    if (!isStaff(person)) return [];
    await this.#shared.students.refresh();
    using homes = await openDirectory(this.#shared.directory, [Buffer.from(homesFolder)]);
    const there = new Set((await readNames(homes, maxHomes)).map(String));
    return this.#shared.students
      .list(person)
      .filter(({ username }) => there.has(username))
      .map(({ username }) => ({
        source: this.homeDirectory(username),
        target: `/students/${username}`,
        writable: isTeacher(person),
        followLinks: false,
      }));
  }

  /** A throw-away copy of an account's home, for trying a program. Rejects as `HomeCopies.make`. */
  async copyHome(username: string, copying: Copying = {}): Promise<HomeCopy> {
    using home = await this.#openHome(username);
    return await this.#copies.make({
      owner: username,
      home,
      bytes: this.#homeBytes * overQuota,
      entries: this.#homeEntries * overQuota,
      depth: this.#shared.folderDepth + 1,
      ...copying,
    });
  }

  /** Directory of an account's home on disk. */
  homeDirectory(username: string): string {
    if (!isAccountName(username)) throw new UserError("bad-name", `not the name of an account: ${username}`);
    return join(this.#shared.directory, homesFolder, username);
  }

  async #welcome(username: string, home: Descriptor): Promise<void> {
    try {
      await putSample(home, "welcome.py", welcomeProgram(username), (stats) =>
        this.#shared.writes.noteWritten(username, stats),
      );
    } catch (error) {
      if (
        !["ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "") &&
        !(error instanceof UserError && error.code === "disk-full")
      )
        throw error;
      this.#shared.log.warn("no room for the first program of a home", { user: username });
      await utimes(home.self, welcomeDue, welcomeDue);
    }
  }

  /**
   * Whether nothing was ever in this home, since there was no room for its first program; any change of it sets its
   * time anew.
   */
  async #awaitsWelcome(home: Descriptor): Promise<boolean> {
    return (await fstat(home)).mtimeMs === 0n && (await readNames(home, 1)).length === 0;
  }

  async #sweep(username: string, home: Descriptor): Promise<void> {
    const { clock, folderDepth, log } = this.#shared;
    const swept = await sweepLeftovers(home, { now: clock.now(), depth: folderDepth });
    if (swept > 0) log.info("removed temporary files left by a crash", { user: username, swept });
  }

  #openHome(username: string): Promise<Descriptor> {
    return openDirectory(this.#shared.directory, [Buffer.from(homesFolder), Buffer.from(username)]);
  }
}

/** Makes a folder; false when it exists. */
async function makeFolder(parent: Descriptor, name: string): Promise<boolean> {
  try {
    await calls.mkdir(parent.at(Buffer.from(name)), 0o700);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  await syncDirectory(parent);
  return true;
}

/** Writes a sample. Two servers that start at once may both be here: the first one's file stays. */
async function putSample(folder: Descriptor, name: string, text: string, note?: Note): Promise<void> {
  try {
    await saveNew(folder, Buffer.from(name), { fill: (fd) => writeAll(fd, Buffer.from(text)), mode: 0o644, note });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}
