/**
 * Theory of operation: one inotify watch for each folder that matters, put on the folder's descriptor after the confined walk, so it
 * can't be led outside by a link swapped in meanwhile, and its cost does not grow with the number of files in the folder (a
 * watcher that opens every path by name, as chokidar does, has both faults in a folder that belongs to a student's program). What
 * the kernel reports is only a hint: after a short pause we look at the named files through the workspace, and tell what changed.
 */
import { watch, type FSWatcher } from "node:fs";
import type { Clock } from "../base/clock.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { fstat, type Descriptor } from "./descriptor.ts";
import type { Entry } from "./entry.ts";
import { decodeName, isReserved } from "./names.ts";
import type { Stamp } from "./stamp.ts";

/** Something that happened to a watched file, or to an entry of a watched folder. */
export interface Change {
  readonly path: string;
  readonly kind: "added" | "changed" | "removed";
  /** The new version; compare with the stamp of one's own save. */
  readonly stamp?: Stamp | undefined;
}

/** Watching until disposed. `ready` resolves when changes from now on are seen; it never rejects. */
export interface Watch extends Disposable {
  readonly ready: Promise<void>;
}

/** How a watch sees the workspace. */
export interface WatchedWorkspace {
  /** The entry at a path, undefined when there is none. */
  look(path: string): Promise<Entry | undefined>;
  /** Opens a folder, confined. */
  openFolder(path: string): Promise<Descriptor>;
}

/** Folders of one watch; more are not watched. */
const mostFolders = 64;
/** Names gathered before a whole folder counts as changed. */
const mostNames = 256;
/** Events are gathered this long, in milliseconds: a save makes several. */
const pause = 100;

interface Options {
  readonly workspace: WatchedWorkspace;
  readonly listener: (change: Change) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class PathWatch implements Watch {
  readonly ready: Promise<void>;
  readonly #options: Options;
  readonly #folders = new Map<string, FolderWatch>();
  #disposed = false;

  constructor(paths: readonly string[], options: Options) {
    this.#options = options;
    this.ready = this.#start(paths).catch((error: unknown) => options.log.error("watching failed", { error }));
  }

  async #start(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const entry = await lookQuietly(this.#options.workspace, path);
      if (entry?.kind === "directory") this.#folder(path)?.watchAll();
      else this.#folder(path.slice(0, path.lastIndexOf("/")))?.watchFile(path, entry?.stamp);
    }
    await Promise.all([...this.#folders.values()].map((folder) => folder.start()));
  }

  #folder(path: string): FolderWatch | undefined {
    const known = this.#folders.get(path);
    if (known || this.#disposed || this.#folders.size >= mostFolders) return known;
    const folder = new FolderWatch(path, this.#options);
    this.#folders.set(path, folder);
    return folder;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const folder of this.#folders.values()) folder[Symbol.dispose]();
  }
}

/** One folder: whole, or some files of it. */
class FolderWatch implements Disposable {
  readonly #path: string;
  readonly #options: Options;
  readonly #files = new Map<string, Stamp | undefined>();
  #whole = false;
  #watcher: FSWatcher | undefined;
  #inode: bigint | undefined;
  /** Names with events, and whether one of them appeared, vanished or was renamed. */
  #pending = new Map<string, boolean>();
  #overflow = false;
  #timer: Disposable | undefined;
  #checking: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(path: string, options: Options) {
    this.#path = path;
    this.#options = options;
  }

  watchAll(): void {
    this.#whole = true;
  }

  watchFile(path: string, stamp: Stamp | undefined): void {
    this.#files.set(path, stamp);
  }

  async start(): Promise<void> {
    let folder: Descriptor;
    try {
      folder = await this.#options.workspace.openFolder(this.#path);
    } catch (error) {
      if (error instanceof UserError) return; // nothing there to watch
      throw error;
    }
    using open = folder;
    this.#inode = (await fstat(open)).ino;
    if (this.#disposed) return;
    try {
      this.#watcher = watch(open.self, { persistent: false, encoding: "buffer" });
    } catch (error) {
      // Out of inotify watches: changes are still noticed when saving, by the stamp.
      this.#options.log.warn("folder not watched", { code: systemCode(error) });
      return;
    }
    this.#watcher.on("change", (kind, name) => this.#note(kind, name));
    this.#watcher.on("error", (error) => this.#options.log.warn("folder no longer watched", { error }));
  }

  #note(kind: string, name: string | Buffer | null): void {
    const text = Buffer.isBuffer(name) ? decodeName(name) : (name ?? "");
    if (isReserved(text)) return;
    const path = `${this.#path}/${text}`;
    const renamed = kind === "rename";
    // Someone's log file growing beside the open document is nothing to us.
    if (!renamed && !this.#whole && !this.#files.has(path)) return;
    if (this.#pending.size >= mostNames) this.#overflow = true;
    else this.#pending.set(path, renamed || (this.#pending.get(path) ?? false));
    this.#timer ??= this.#options.clock.after(pause, () => this.#check());
  }

  #check(): void {
    this.#timer = undefined;
    const pending = this.#pending;
    const overflow = this.#overflow;
    this.#pending = new Map();
    this.#overflow = false;
    this.#checking = this.#checking
      .then(() => this.#compare(pending, overflow))
      .catch((error: unknown) => this.#options.log.error("a watched change was not handled", { error }));
  }

  async #compare(pending: ReadonlyMap<string, boolean>, overflow: boolean): Promise<void> {
    if (this.#disposed) return;
    // The folder itself may have been moved away or replaced: its events come under a name that means nothing.
    await this.#follow();
    for (const path of this.#files.keys()) await this.#compareFile(path);
    if (!this.#whole) return;
    if (overflow) return this.#tell({ path: this.#path, kind: "changed" });
    for (const [path, renamed] of pending) {
      if (this.#files.has(path)) continue;
      const entry = await lookQuietly(this.#options.workspace, path);
      if (entry) this.#tell({ path, kind: renamed ? "added" : "changed", stamp: entry.stamp });
      else this.#tell({ path, kind: "removed" });
    }
  }

  async #compareFile(path: string): Promise<void> {
    const before = this.#files.get(path);
    const now = (await lookQuietly(this.#options.workspace, path))?.stamp;
    if (before === now) return;
    this.#files.set(path, now);
    if (now === undefined) this.#tell({ path, kind: "removed" });
    else this.#tell({ path, kind: before === undefined ? "added" : "changed", stamp: now });
  }

  async #follow(): Promise<void> {
    const entry = await this.#inodeNow();
    if (entry === this.#inode) return;
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#inode = undefined;
    if (entry !== undefined) await this.start();
    else if (this.#whole) this.#tell({ path: this.#path, kind: "removed" });
  }

  async #inodeNow(): Promise<bigint | undefined> {
    try {
      using folder = await this.#options.workspace.openFolder(this.#path);
      return (await fstat(folder)).ino;
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  #tell(change: Change): void {
    if (!this.#disposed) this.#options.listener(change);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

/** A path that can't be looked at any more is gone, as far as a watcher is concerned. */
async function lookQuietly(workspace: WatchedWorkspace, path: string): Promise<Entry | undefined> {
  try {
    return await workspace.look(path);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
