/** Questions about files: new, open, rename, delete. The workbench does the work and checks names. */
import { UserError } from "../../base/errors.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shown } from "../../workspace/names.ts";
import type { Palette, PaletteItem } from "../views/palette.ts";
import type { FileTreeRow, TreeIntent } from "../views/file-tree.ts";
import type { Dialogs } from "../parts/dialogs.ts";

export interface FilesOptions {
  readonly view: WorkbenchView;
  readonly dialogs: Dialogs;
  /** Runs work of a person who goes on typing: errors are told, and what is typed meanwhile waits for the end. */
  readonly run: (name: string, work: () => Promise<void>) => void;
  /** The selected row while the tree has the focus. */
  readonly selectedRow: () => FileTreeRow | undefined;
  /** Selects a path in the tree. */
  readonly select: (path: string) => void;
  readonly focusEditor: () => void;
}

/** The list for "open by name" ends here: more would take long and help nobody. */
const mostListed = 1000;
const mostFolders = 200;
/** Stands for what was typed, as the id of a choice; no path is empty. */
const typedPath = "";

export type FileQuestion = "open" | "new-file" | "new-folder" | "rename" | "delete";

export class Files {
  readonly #options: FilesOptions;
  readonly #questions: Readonly<Record<FileQuestion, () => Promise<void>>> = {
    "open": () => this.#askOpen(),
    "new-file": () => this.#askNewFile(),
    "new-folder": () => this.#askNewFolder(),
    "rename": () => this.#askRename(),
    "delete": () => this.#askDelete(),
  };

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Does what was asked for in the tree. */
  handle(intent: Exclude<TreeIntent, { readonly kind: "leave" }>): void {
    const { run } = this.#options;
    const { tree } = this.#options.view;
    switch (intent.kind) {
      case "moved":
        return;
      case "refresh":
        return run("refresh", () => tree.refresh());
      case "toggle":
        return run("toggle", () => tree.toggle(intent.row.path));
      case "open":
        return run("open-row", () => this.open(intent.row.path));
      case "new-file":
      case "new-folder":
      case "rename":
      case "delete":
        return this.ask(intent.kind);
      default:
        intent satisfies never;
    }
  }

  /** Asks one of the questions and does what is answered. */
  ask(question: FileQuestion): void {
    this.#options.run(`ask ${question}`, () => this.#questions[question]());
  }

  async open(path: string): Promise<void> {
    await this.#options.view.open(path);
    this.#options.focusEditor();
  }

  async #askOpen(): Promise<void> {
    let abandoned = false;
    let listed: Promise<void> | undefined;
    const question = {
      title: "Open a file",
      items: [],
      empty: "Looking for files…",
      typed: (text: string) => ({ id: typedPath, label: text }),
      typedHint: "Enter opens it by its path.",
    };
    const picked = this.#options.dialogs.pick(question, (palette, redraw) => {
      listed = this.#list(palette, redraw, () => abandoned);
    });
    const item = await picked;
    abandoned = true;
    await listed;
    if (item) await this.open(item.id === typedPath ? this.#options.view.workbench.workspace.normalise(item.label) : item.id);
  }

  async #askNewFile(): Promise<void> {
    const folder = this.#folder();
    const name = await this.#askName({ title: "New file", label: `What should the new file in ${folder} be called? For example: area.py` });
    if (name === undefined) return;
    await this.#options.view.createFile(`${folder}/${name}`);
    this.#options.select(`${folder}/${name}`);
    this.#options.focusEditor();
  }

  async #askNewFolder(): Promise<void> {
    const folder = this.#folder();
    const name = await this.#askName({ title: "New folder", label: `What should the new folder in ${folder} be called?` });
    if (name === undefined) return;
    await this.#options.view.workbench.createDirectory(`${folder}/${name}`);
    this.#options.select(`${folder}/${name}`);
  }

  /** Renames what is selected in the tree, else the open file. */
  async #askRename(): Promise<void> {
    const path = this.#subject();
    if (path === undefined) return;
    const old = nameOf(path);
    const dot = old.lastIndexOf(".");
    const name = await this.#askName({ title: "Rename", label: `What should ${old} be called?`, value: old, cursor: dot > 0 ? dot : old.length });
    if (name === undefined || name === old) return;
    const next = `${parentOf(path)}/${name}`;
    await this.#options.view.workbench.rename(path, next);
    this.#options.select(next);
  }

  async #askDelete(): Promise<void> {
    const { dialogs } = this.#options;
    const { workbench } = this.#options.view;
    const row = this.#options.selectedRow();
    if (!row || row.kind === "root" || row.kind === "more") return;
    if (!row.writable) throw new UserError("read-only", `${row.name} can't be deleted`, "It belongs to the course.");
    const folder = row.kind === "directory";
    const sure = await dialogs.confirm({
      title: folder ? "Delete folder" : "Delete file",
      text: folder ? `Delete the folder ${row.name} and everything in it? This can't be undone.` : `Delete ${row.name}? This can't be undone.`,
      buttons: [
        { label: "Delete", letter: "D", value: true },
        { label: "Cancel", letter: "C", value: false },
      ],
      initial: 1,
      cancel: false,
    });
    if (!sure) return;
    await workbench.remove(row.path);
    workbench.notify("success", `Deleted ${row.name}.`);
  }

  #askName(options: { title: string; label: string; value?: string; cursor?: number }): Promise<string | undefined> {
    return this.#options.dialogs.prompt({ ...options, check: (name) => (name.trim() === "" ? "type a name first" : undefined) });
  }

  /** Where a new file goes: the folder in question when it can be written, else the person's own. */
  #folder(): string {
    const { view } = this.#options;
    const { workbench } = view;
    const row = this.#options.selectedRow();
    if (!row) {
      const active = view.active;
      return active && !active.readOnly ? parentOf(active.path) : workbench.home;
    }
    if (!row.writable) return workbench.home;
    if (row.kind === "root" || row.kind === "directory") return row.path;
    return row.kind === "more" ? row.path.replace(/\/$/, "") : parentOf(row.path);
  }

  #subject(): string | undefined {
    const row = this.#options.selectedRow();
    if (!row) return this.#options.view.active?.path;
    return row.kind === "root" || row.kind === "more" ? undefined : row.path;
  }

  /** Fills the palette folder by folder, nearest first, so that it can be used while it grows. */
  async #list(palette: Palette, redraw: () => void, abandoned: () => boolean): Promise<void> {
    const { workspace, home } = this.#options.view.workbench;
    const items: PaletteItem[] = [];
    const roots = workspace.roots().map(({ path }) => path);
    const waiting = roots.filter((path) => !path.startsWith("/students"));
    for (let visited = 0; visited < mostFolders && items.length < mostListed && !abandoned(); visited++) {
      const folder = waiting.shift();
      if (folder === undefined) break;
      const { entries } = await workspace.list(folder);
      for (const entry of entries) {
        if (entry.kind === "directory") waiting.push(entry.path);
        else if (entry.kind === "file" && items.length < mostListed) items.push(itemFor(entry.path, entry.name, home));
      }
      palette.setItems([...items]);
      redraw();
    }
  }
}

function itemFor(path: string, name: string, home: string): PaletteItem {
  const folder = parentOf(path);
  return { id: path, label: shown(name), detail: folder === home ? "" : shown(folder) };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
