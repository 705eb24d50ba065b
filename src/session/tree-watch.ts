/**
 * Keeps the file tree up to date: an open folder that changes is read again, at the pace of its watch, and rarely while
 * nobody is there.
 */
import { Scope } from "../base/scope.ts";
import type { Event } from "../base/events.ts";
import { watchRestMs } from "../workspace/watch.ts";
import type { FileChange, Watch, Workspace } from "../workspace/workspace.ts";
import type { Attendance } from "./attendance.ts";
import type { FileTree } from "./file-tree.ts";
import type { OpenDocuments } from "./open-documents.ts";

/** What is watched, and when. */
export interface TreeWatchOptions {
  readonly tree: FileTree;
  readonly workspace: Workspace;
  readonly attendance: Attendance;
  /** The files that are open, which are watched as well. */
  readonly documents: Pick<OpenDocuments, "retryWatches">;
  /** Fires with the folders of the course that have changed; one watcher serves all sessions. */
  readonly courseChanges: Event<readonly string[]>;
}

/** Most folders watched; others are read when the person asks for it. */
const maxFolders = 64;
/**
 * Milliseconds between two readings of a folder while its owner is away; somebody who comes back sees the present
 * state.
 */
const awayRestMs = 30_000;

/** The watches of one session's tree. */
export class TreeWatch implements AsyncDisposable {
  readonly #options: TreeWatchOptions;
  readonly #scope = new Scope("tree watch");
  readonly #watches = new Map<string, Watch>();
  #away = false;

  constructor(options: TreeWatchOptions) {
    this.#options = options;
    const { tree, attendance, courseChanges } = options;
    this.#scope.own(tree.onChange(() => this.#follow()));
    this.#scope.own(attendance.onMove(() => this.#attend()));
    this.#scope.own(courseChanges((folders) => folders.forEach((folder) => void tree.refresh(folder))));
    this.#scope.defer(() => this.#drop([...this.#watches.keys()]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Watches the folders that are open now. Course folders have their own watcher. */
  #follow(): void {
    if (this.#scope.closed) return;
    const own = this.#options.tree.openFolders.filter(
      (folder) => !folder.startsWith("/course") && folder !== "/students",
    );
    const wanted = new Set(own.slice(0, maxFolders));
    this.#drop([...this.#watches.keys()].filter((folder) => !wanted.has(folder)));
    for (const folder of wanted) if (!this.#watches.has(folder)) this.#watch(folder);
  }

  #watch(folder: string): void {
    const { tree, workspace } = this.#options;
    const watch = workspace.watch([folder], (change) => this.#changed(folder, change), {
      restMs: () => (this.#away ? awayRestMs : watchRestMs),
    });
    this.#watches.set(folder, watch);
    // The folder can have changed between reading and watching it.
    void watch.ready.then(() => (this.#watches.get(folder) === watch ? tree.refresh(folder) : undefined));
  }

  async #changed(folder: string, { kind }: FileChange): Promise<void> {
    await this.#options.tree.refresh(folder);
    if (kind === "removed") return;
    // What was deleted can be created again, and what went with a folder above it may be another one now: only the watch above tells.
    for (const [path, watch] of this.#watches) if (path.startsWith(`${folder}/`)) watch.retry();
    this.#options.documents.retryWatches(folder);
  }

  #attend(): void {
    const away = this.#options.attendance.awaySince !== undefined;
    const back = this.#away && !away;
    this.#away = away;
    if (back) for (const watch of this.#watches.values()) watch.hurry();
  }

  #drop(folders: readonly string[]): void {
    for (const folder of folders) {
      this.#watches.get(folder)?.[Symbol.dispose]();
      this.#watches.delete(folder);
    }
  }
}
