/**
 * Theory of operation: one inotify watch for each folder that matters, put on the folder's descriptor after the
 * confined walk, so that a link swapped in meanwhile can't lead it outside, and its cost does not grow with the number
 * of files in the folder (a watcher that opens every path by name, as chokidar does, has both faults in a folder that
 * belongs to a student's program).
 *
 * What the kernel reports is only a hint that something must be checked, at the pace of `base/paced-work`: watched
 * files by their stamps, a folder as a whole. No names are kept. Events themselves cost as well: libuv reads them until
 * there are none, which a program that makes them faster than we take them never lets happen. So a watch takes a few
 * events and is then removed; the next check puts it on again before it checks anything. So a program can cause only a
 * bounded number of events, and no change is missed.
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

/** A change of a watched file, or somewhere in a watched folder. */
export interface FileChange {
  readonly path: string;
  readonly kind: "added" | "changed" | "removed";
  /** New version of a file; compare with the stamp of one's own save. */
  readonly stamp?: Stamp | undefined;
}

/** A watch, until disposed. `ready` resolves when changes from then on are noticed; it never rejects. */
export interface Watch extends Disposable {
  readonly ready: Promise<void>;
  /** Tells without a rest what is due: a person waits for it. */
  hurry(): void;
  /** Checks whether the path leads to another folder now, or to one again. */
  retry(): void;
}

/**
 * Called with changes; the next check waits until the returned promise has settled, and the longer the longer that
 * took.
 */
export type WatchListener = (change: FileChange) => void | Promise<void>;

/** The workspace, as a watch needs it. */
export interface WatchedWorkspace {
  /** The entry at a path; undefined when there is none. */
  entryAt(path: string): Promise<Entry | undefined>;
  /** A folder, opened by a confined walk. */
  openFolder(path: string): Promise<Descriptor>;
}

/** What a watch works with. */
export interface WatchOptions {
  readonly workspace: WatchedWorkspace;
  readonly listener: WatchListener;
  /** The least milliseconds between two checks. */
  readonly restMs?: (() => number) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Folders of one watch; more are not watched. */
const maxFolders = 64;
/** Events that a folder's watch takes between two checks. */
const maxEvents = 64;
/** How long events are gathered: a save makes several. */
const gatherMs = 100;
/** The usual rest between two checks, and the longest where changes come without a pause. */
export const watchRestMs = 500;
const stormRestMs = 4000;

/** A watch over some paths. */
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
      const entry = await entryIfReadable(this.#options.workspace, path);
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

/** One folder: all of it, or some files in it. */
class FolderWatch implements Disposable {
  readonly #path: string;
  readonly #options: WatchOptions;
  readonly #files = new Map<string, Stamp | undefined>();
  readonly #checks: PacedWork;
  #whole = false;
  #watcher: FSWatcher | undefined;
  #inode: bigint | undefined;
  /** Name by which libuv reports the folder itself: the last one of the watched path. */
  #selfName = "";
  /** Events since the last check. */
  #events = 0;
  /** Whether something in the folder changed since it was last told. */
  #dirty = false;
  #disposed = false;

  constructor(path: string, options: WatchOptions) {
    this.#path = path;
    this.#options = options;
    this.#checks = new PacedWork({
      work: () => this.#check(),
      failed: (error) => options.log.error("a watched change was not handled", { error }),
      gatherMs,
      restMs: options.restMs ?? (() => watchRestMs),
      stormRestMs,
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
    if (this.#dirty) this.#checks.hurry();
  }

  retry(): void {
    this.#checks.ask();
  }

  /** Watches the folder that now has the path; false when there is none. */
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
      // Out of inotify watches: saving still notices changes, by the stamp.
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
    // Unrelated events count as well: each of them costs.
    const isFlood = ++this.#events >= maxEvents;
    const changed = Buffer.isBuffer(name) ? decodeName(name) : (name ?? "");
    // The folder itself: deleted perhaps, and one made after it can have its inode, which this watch does not see.
    if (isFlood || changed === this.#selfName) this.#stop();
    else if (!this.#concerns(changed)) return;
    this.#dirty = true;
    this.#checks.ask();
  }

  /** Whether a name matters: a log file that grows beside the open document does not. */
  #concerns(name: string): boolean {
    if (isReserved(name)) return false;
    return this.#whole || this.#files.has(`${this.#path}/${name}`);
  }

  async #check(): Promise<void> {
    if (this.#disposed) return;
    const before = this.#inode;
    const wasWatched = this.#watcher !== undefined;
    // Before anything is checked: what changes from here on causes another check. The folder may have been replaced, or
    // be gone.
    const there = await this.start();
    this.#events = 0;
    const dirty = this.#dirty || this.#inode !== before;
    this.#dirty = false;
    if (there && wasWatched && !dirty) return; // it is the same folder, as the watch has seen it
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
    const now = (await entryIfReadable(this.#options.workspace, path))?.stamp;
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
    this.#checks[Symbol.dispose]();
    this.#stop();
  }
}

/** The entry at a path; one that can't be read any more is gone, as far as a watcher is concerned. */
async function entryIfReadable(workspace: WatchedWorkspace, path: string): Promise<Entry | undefined> {
  try {
    return await workspace.entryAt(path);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
