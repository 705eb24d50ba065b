/** Keeps the file browser true: an open folder that changes is read again. */
import { Scope } from "../base/scope.ts";
import type { Event } from "../base/events.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { FileTree } from "./file-tree.ts";

export interface TreeWatchOptions {
  readonly tree: FileTree;
  readonly workspace: Workspace;
  /** Folders of the course in which something changed: one watcher serves all sessions. */
  readonly courseChanges: Event<readonly string[]>;
}

export class TreeWatch implements AsyncDisposable {
  readonly #options: TreeWatchOptions;
  readonly #scope = new Scope("tree watch");
  #watched = "";
  #watch: Disposable | undefined;

  constructor(options: TreeWatchOptions) {
    this.#options = options;
    this.#scope.own(options.tree.onChange(() => this.#follow()));
    this.#scope.own(options.courseChanges((folders) => folders.forEach((folder) => void options.tree.refresh(folder))));
    this.#scope.defer(() => this.#watch?.[Symbol.dispose]());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Watches the folders that are open now. Course folders have their own watcher. */
  #follow(): void {
    const { tree, workspace } = this.#options;
    const folders = tree.openFolders.filter((folder) => !folder.startsWith("/course") && folder !== "/students");
    const key = folders.join("\n");
    if (key === this.#watched || this.#scope.closed) return;
    this.#watched = key;
    this.#watch?.[Symbol.dispose]();
    this.#watch = workspace.watch(folders, ({ path }) => void tree.refresh(path.slice(0, path.lastIndexOf("/"))));
  }
}
