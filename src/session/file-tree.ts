/** The model of the file tree: which folders are open, and the rows to show. Reads folders one at a time, on demand. */
import { explain, sentence, type Report } from "../base/error-report.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { shown } from "../workspace/file-names.ts";
import { folderOf } from "../workspace/paths.ts";
import type { Entry, Workspace } from "../workspace/workspace.ts";

/** A row of the tree. */
export interface TreeRow {
  readonly path: string;
  readonly name: string;
  /** Levels of indentation; 0 for a root. */
  readonly depth: number;
  readonly kind: "root" | "directory" | "file" | "link" | "other" | "more";
  readonly expanded: boolean;
  readonly writable: boolean;
}

interface Folder {
  readonly entries: readonly Entry[];
  readonly truncated: boolean;
  readonly problem: Report | undefined;
}

/** A file tree with its open folders. */
export class FileTree {
  readonly #workspace: Workspace;
  readonly #log: Log;
  readonly #changed = new Emitter<void>();
  readonly #open = new Map<string, Folder>();
  /** Readings that have not begun yet, by folder. */
  readonly #waiting = new Map<string, Promise<Folder>>();
  #lastReading: Promise<unknown> = Promise.resolve();
  #rows: readonly TreeRow[] | undefined;

  constructor(workspace: Workspace, log: Log) {
    this.#workspace = workspace;
    this.#log = log;
  }

  /** Fires when the rows have changed. */
  get onChange() {
    return this.#changed.on;
  }

  /** The open folders, which are to be watched. */
  get openFolders(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The rows, from top to bottom. */
  get rows(): readonly TreeRow[] {
    this.#rows ??= this.#build();
    return this.#rows;
  }

  /** Opens a folder. Throws what `Workspace.list` throws. */
  async expand(path: string): Promise<void> {
    this.#open.set(path, await this.#read(path));
    this.#touch();
  }

  /** Closes a folder. */
  collapse(path: string): void {
    for (const open of this.#open.keys()) {
      if (open === path || open.startsWith(`${path}/`)) this.#open.delete(open);
    }
    this.#touch();
  }

  /** Opens a closed folder, closes an open one. */
  async toggle(path: string): Promise<void> {
    if (this.#open.has(path)) this.collapse(path);
    else await this.expand(path);
  }

  /** Opens every folder above `path`, so that it has a row. */
  async reveal(path: string): Promise<void> {
    const root = this.#workspace.roots().find((candidate) => path.startsWith(`${candidate.path}/`));
    if (!root) return;
    const names = path
      .slice(root.path.length + 1)
      .split("/")
      .slice(0, -1);
    let folder = root.path;
    await this.expand(folder);
    for (const name of names) {
      folder += `/${name}`;
      await this.expand(folder);
    }
  }

  /** Reads the open folders again, or only `folder` if it is open. */
  async refresh(folder?: string): Promise<void> {
    const paths = folder === undefined ? [...this.#open.keys()] : this.#open.has(folder) ? [folder] : [];
    // A folder that is not open here concerns only somebody who has opened it elsewhere (a guest).
    let changed = paths.length === 0;
    for (const path of paths) {
      const read = await this.#read(path);
      const before = this.#open.get(path);
      // Closed while it was read: leave it closed. Gone: its row disappears with its parent's reading.
      if (!before || looksTheSame(before, read)) continue;
      this.#open.set(path, read);
      changed = true;
    }
    if (changed) this.#touch();
  }

  /** Reads the folder of `path` again, if it is open. */
  refreshParent(path: string): Promise<void> {
    return this.refresh(folderOf(path));
  }

  /** Reads one folder after the other. Asking for a folder that is still waiting shares its reading. */
  #read(path: string): Promise<Folder> {
    const waiting = this.#waiting.get(path);
    if (waiting) return waiting;
    const reading = this.#lastReading.then(() => {
      this.#waiting.delete(path);
      return this.#readNow(path);
    });
    this.#waiting.set(path, reading);
    this.#lastReading = reading;
    return reading;
  }

  async #readNow(path: string): Promise<Folder> {
    try {
      return { ...(await this.#workspace.list(path)), problem: undefined };
    } catch (error) {
      return { entries: [], truncated: false, problem: explain(error, this.#log, { path }) };
    }
  }

  #touch(): void {
    this.#rows = undefined;
    this.#changed.emit();
  }

  #build(): readonly TreeRow[] {
    const rows: TreeRow[] = [];
    for (const root of this.#workspace.roots()) {
      const expanded = this.#open.has(root.path);
      rows.push({ path: root.path, name: root.label, depth: 0, kind: "root", expanded, writable: root.writable });
      if (expanded) this.#append(rows, root.path, 1, root.writable);
    }
    return rows;
  }

  #append(rows: TreeRow[], folder: string, depth: number, writable: boolean): void {
    const content = this.#open.get(folder);
    if (!content) return;
    const note = (name: string): void =>
      void rows.push({ path: `${folder}/`, name, depth, kind: "more", expanded: false, writable: false });
    for (const entry of content.entries) {
      const expanded = entry.kind === "directory" && this.#open.has(entry.path);
      rows.push({
        path: entry.path,
        name: shown(entry.name),
        depth,
        kind: entry.kind,
        expanded,
        writable: entry.writable,
      });
      if (expanded) this.#append(rows, entry.path, depth + 1, writable);
    }
    if (content.problem) note(sentence({ message: content.problem.message, hint: undefined }));
    else if (content.truncated) note("… there are too many files to show");
    else if (content.entries.length === 0) note("empty");
  }
}

/** Whether the rows are the same. A program that only writes to existing files causes no redraw. */
function looksTheSame(one: Folder, other: Folder): boolean {
  if (
    one.truncated !== other.truncated ||
    one.entries.length !== other.entries.length ||
    one.problem?.message !== other.problem?.message
  )
    return false;
  return one.entries.every((entry, index) => {
    const beside = other.entries[index];
    return (
      entry.path === beside?.path &&
      entry.name === beside.name &&
      entry.kind === beside.kind &&
      entry.writable === beside.writable
    );
  });
}
