/**
 * Theory of operation: one inotify watch for each folder that matters, put on the folder's descriptor after the confined walk, so it
 * can't be led outside by a link swapped in meanwhile, and its cost does not grow with the number of files in the folder (a
 * watcher that opens every path by name, as chokidar does, has both faults in a folder that belongs to a student's program).
 *
 * What the kernel reports is only a hint that something is to be looked at, at the pace of `base/paced-work`: the watched files by their
 * stamps, a folder as a whole. No names are kept. Events themselves cost as well: libuv reads them until there are none, which a program
 * that makes them faster than we take them never lets happen. So a watch takes a few events, then is taken off, and put on again by the
 * next look, before it looks: whatever a program does, it makes a bounded number of events, and no change is missed.
 */
import { watch, type FSWatcher } from "node:fs";
import type { Clock } from "../base/clock.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { PacedWork } from "../base/paced-work.ts";
import { fstat, type Descriptor } from "./descriptor.ts";
import type { Entry } from "./entry.ts";
import { decodeName, isReserved } from "./file-names.ts";
import { folderOf } from "./paths.ts";
import type { Stamp } from "./stamp.ts";

/** Something that happened to a watched file, or in a watched folder, which is told as a whole. */
export interface FileChange {
  readonly path: string;
  readonly kind: "added" | "changed" | "removed";
  /** The new version of a file; compare with the stamp of one's own save. */
  readonly stamp?: Stamp | undefined;
}

/** Watching until disposed. `ready` resolves when changes from now on are seen; it never rejects. */
export interface Watch extends Disposable {
  readonly ready: Promise<void>;
  /** Tells without a rest what is to be told: a person waits for it. */
  hurry(): void;
  /** Looks whether a folder that was not there is now. */
  retry(): void;
}

/** Is told of changes; the next look rests until what it returns is settled, and longer the longer that took. */
export type WatchListener = (change: FileChange) => void | Promise<void>;

/** How a watch sees the workspace. */
export interface WatchedWorkspace {
  /** The entry at a path, undefined when there is none. */
  look(path: string): Promise<Entry | undefined>;
  /** Opens a folder, confined. */
  openFolder(path: string): Promise<Descriptor>;
}

export interface WatchOptions {
  readonly workspace: WatchedWorkspace;
  readonly listener: WatchListener;
  /** Milliseconds between two looks, at least. */
  readonly rest?: (() => number) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Folders of one watch; more are not watched. */
const maxFolders = 64;
/** Events that a folder's watch takes between two looks. */
const maxEvents = 64;
/** Events are gathered this long, in milliseconds: a save makes several. */
const gather = 100;
/** Milliseconds between two looks: at least, and where changes come without a pause. */
export const restBetweenLooks = 500;
const stormRest = 4000;

export class PathWatch implements Watch {
  readonly ready: Promise<void>;
  readonly #options: WatchOptions;
  readonly #folders = new Map<string, FolderWatch>();
  #disposed = false;

  constructor(paths: readonly string[], options: WatchOptions) {
    this.#options = options;
    this.ready = this.#start(paths).catch((error: unknown) => options.log.error("watching failed", { error }));
  }

  hurry(): void {
    for (const folder of this.#folders.values()) folder.hurry();
  }

  retry(): void {
    for (const folder of this.#folders.values()) folder.retry();
  }

  async #start(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const entry = await lookQuietly(this.#options.workspace, path);
      if (entry?.kind === "directory") this.#folder(path)?.watchAll();
      else this.#folder(folderOf(path))?.watchFile(path, entry?.stamp);
    }
    await Promise.all([...this.#folders.values()].map((folder) => folder.start()));
  }

  #folder(path: string): FolderWatch | undefined {
    const known = this.#folders.get(path);
    if (known || this.#disposed || this.#folders.size >= maxFolders) return known;
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
  readonly #options: WatchOptions;
  readonly #files = new Map<string, Stamp | undefined>();
  readonly #looks: PacedWork;
  #whole = false;
  #watcher: FSWatcher | undefined;
  #inode: bigint | undefined;
  /** The name under which libuv tells of the folder itself: the last one of the path that was watched. */
  #selfName = "";
  /** Events since the last look. */
  #events = 0;
  /** Something in the folder changed since it was last told. */
  #dirty = false;
  #disposed = false;

  constructor(path: string, options: WatchOptions) {
    this.#path = path;
    this.#options = options;
    this.#looks = new PacedWork({
      work: () => this.#look(),
      failed: (error) => options.log.error("a watched change was not handled", { error }),
      gatherMs: gather,
      restMs: options.rest ?? (() => restBetweenLooks),
      stormRestMs: stormRest,
      clock: options.clock,
    });
  }

  watchAll(): void {
    this.#whole = true;
  }

  watchFile(path: string, stamp: Stamp | undefined): void {
    this.#files.set(path, stamp);
  }

  hurry(): void {
    if (this.#dirty) this.#looks.hurry();
  }

  retry(): void {
    if (this.#inode === undefined) this.#looks.ask();
  }

  /** Watches the folder that has the path now; whether there is one. */
  async start(): Promise<boolean> {
    try {
      using folder = await this.#options.workspace.openFolder(this.#path);
      const { ino } = await fstat(folder);
      if (this.#disposed || (this.#watcher && ino === this.#inode)) return true;
      this.#stop();
      this.#inode = ino;
      this.#watch(folder);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false; // nothing there to watch
      throw error;
    }
  }

  #watch(folder: Descriptor): void {
    try {
      this.#watcher = watch(folder.self, { persistent: false, encoding: "buffer" });
    } catch (error) {
      // Out of inotify watches: changes are still noticed when saving, by the stamp.
      this.#options.log.warn("folder not watched", { code: systemCode(error) });
      return;
    }
    this.#selfName = String(folder.fd);
    this.#events = 0;
    this.#watcher.on("change", (_kind, name) => this.#note(name));
    this.#watcher.on("error", (error) => this.#options.log.warn("folder no longer watched", { error }));
  }

  #note(name: string | Buffer | null): void {
    if (!this.#watcher) return;
    // Also of what is nothing to us: they all cost.
    const flood = ++this.#events >= maxEvents;
    if (flood) this.#stop();
    if (!flood && !this.#concerns(Buffer.isBuffer(name) ? decodeName(name) : (name ?? ""))) return;
    this.#dirty = true;
    this.#looks.ask();
  }

  /** Someone's log file growing beside the open document is nothing to us. */
  #concerns(name: string): boolean {
    if (isReserved(name)) return false;
    return this.#whole || name === this.#selfName || this.#files.has(`${this.#path}/${name}`);
  }

  async #look(): Promise<void> {
    if (this.#disposed) return;
    const before = this.#inode;
    // Before anything is looked at: what changes from here on makes another look. The folder may have been replaced, or be gone.
    const there = await this.start();
    this.#events = 0;
    const dirty = this.#dirty || this.#inode !== before;
    this.#dirty = false;
    for (const path of this.#files.keys()) await this.#compareFile(path);
    if (there) {
      if (this.#whole && dirty) await this.#tell({ path: this.#path, kind: "changed" });
      return;
    }
    this.#stop();
    this.#inode = undefined;
    if (this.#whole && before !== undefined) await this.#tell({ path: this.#path, kind: "removed" });
  }

  async #compareFile(path: string): Promise<void> {
    const before = this.#files.get(path);
    const now = (await lookQuietly(this.#options.workspace, path))?.stamp;
    if (before === now) return;
    this.#files.set(path, now);
    if (now === undefined) await this.#tell({ path, kind: "removed" });
    else await this.#tell({ path, kind: before === undefined ? "added" : "changed", stamp: now });
  }

  async #tell(change: FileChange): Promise<void> {
    if (!this.#disposed) await this.#options.listener(change);
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#looks[Symbol.dispose]();
    this.#stop();
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
