/** The questions about files: new, open, rename, delete. The workbench does the work and checks the names. */
import { UserError } from "../../base/errors.ts";
import { replaceUnseen, spellOut } from "../../base/invisible.ts";
import { copyCommand } from "../../session/copy-command.ts";
import { isPicture } from "../../session/picture-files.ts";
import { cannotRun } from "../../session/runs.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shown } from "../../workspace/file-names.ts";
import { folderOf, nameOf, shownFileName } from "../../workspace/paths.ts";
import type { Palette, PaletteItem } from "../views/palette.ts";
import type { FileTreeRow, FileTreeView, TreeIntent } from "../views/file-tree-view.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents } from "./client-events.ts";
import { mayDo, ownerOnly } from "./guest-access.ts";
import type { PicturePreview } from "./picture-preview.ts";
import type { Questions } from "./questions.ts";

/** What the questions need of their client. */
export interface FilesOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly tree: FileTreeView;
  readonly arrangement: Arrangement;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
  readonly events: ClientEvents;
  /** Shows pictures, which the editor can't. */
  readonly preview: PicturePreview;
}

/** Most files listed for "open by name": more would take long and help nobody. */
const maxListed = 1000;
const maxFolders = 200;
/** The id of the choice "what was typed"; no path is empty. */
const typedPath = "";

/** The questions about files on one screen. */
export class Files {
  readonly #options: FilesOptions;

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Does what the person asked for in the tree. */
  handle(intent: TreeIntent): void {
    const { view, arrangement, notices, events } = this.#options;
    events.tree.emit();
    if (!mayDo(intent, view)) return notices.show(ownerOnly(view));
    switch (intent.kind) {
      case "moved":
        return;
      case "leave":
        return arrangement.focusOn("editor");
      case "refresh":
        return this.#run("refresh", () => view.tree.refresh());
      case "toggle":
        return this.#run("toggle", () => view.tree.toggle(intent.row.path));
      case "open":
        if (isPicture(intent.row.path)) return this.#options.preview.showFile(intent.row.path);
        return this.#run("open-row", () => this.#open(intent.row.path));
      case "new-file":
        return this.askNew();
      case "new-folder":
        return this.askNewFolder();
      case "rename":
        return this.askRename();
      case "delete":
        return this.askDelete();
      default:
        intent satisfies never;
    }
  }

  /** Asks for a file by its name, and opens it. */
  askOpen(): void {
    this.#run("ask open", () => this.#askOpen());
  }

  /** Asks for the name of a new file, and creates it. */
  askNew(): void {
    this.#run("ask new-file", () => this.#askNew());
  }

  /** Asks for the name of a new folder, and creates it. */
  askNewFolder(): void {
    this.#run("ask new-folder", () => this.#askNewFolder());
  }

  /** Asks for a new name for the selected row of the tree while it has the focus, otherwise for the open file. */
  askRename(): void {
    this.#run("ask rename", () => this.#askRename());
  }

  /** Asks whether to delete the selected row of the tree while it has the focus, otherwise the open file. */
  askDelete(): void {
    this.#run("ask delete", () => this.#askDelete());
  }

  /** Shows how the selected row of the tree, or the open file, gets onto the person's own machine. */
  showCopyCommand(): void {
    this.#run("copy command", () => this.#showCopyCommand());
  }

  /** Opens the selected row of the tree, to run it. Throws a UserError when that is no Python file. */
  async openSelectedProgram(): Promise<void> {
    const row = this.#selectedRow;
    if (row?.kind !== "file" || !row.path.endsWith(".py")) throw notAProgram(row);
    await this.#options.view.open(row.path);
  }

  /**
   * Runs work while the person may keep typing: errors are shown, and what is typed meanwhile is held until the end.
   */
  #run(name: string, work: () => Promise<void>): void {
    const { actionRunner, questions } = this.#options;
    actionRunner.run(name, () => questions.holding(work));
  }

  async #open(path: string): Promise<void> {
    if (isPicture(path)) return this.#options.preview.showFile(path);
    const { view, arrangement } = this.#options;
    await view.open(path);
    arrangement.focusOn("editor");
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
    const picked = this.#options.questions.dialogs.pick(question, (palette, redraw) => {
      listed = this.#list(palette, redraw, () => abandoned);
    });
    const item = await picked;
    abandoned = true;
    await listed;
    if (item)
      await this.#open(item.id === typedPath ? this.#options.view.workbench.workspace.normalise(item.label) : item.id);
  }

  async #askNew(): Promise<void> {
    const folder = this.#folder();
    const name = await this.#askName({
      title: "New file",
      label: `What should the new file in ${folder} be called? For example: area.py`,
    });
    if (name === undefined) return;
    await this.#create(`${folder}/${name}`);
    this.#options.tree.select(`${folder}/${name}`);
    this.#options.arrangement.focusOn("editor");
  }

  async #create(path: string): Promise<void> {
    try {
      await this.#options.view.createFile(path);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "file-not-found") throw error;
      throw new UserError(
        "file-not-found",
        `there is no folder ${shownFileName(folderOf(path))} yet`,
        'Choose "New folder" in the list of commands (Ctrl-P) first.',
        { cause: error },
      );
    }
  }

  async #askNewFolder(): Promise<void> {
    const folder = this.#folder();
    const name = await this.#askName({
      title: "New folder",
      label: `What should the new folder in ${folder} be called?`,
    });
    if (name === undefined) return;
    await this.#options.view.workbench.files.createDirectory(`${folder}/${name}`);
    this.#options.tree.select(`${folder}/${name}`);
  }

  async #askRename(): Promise<void> {
    const path = this.#subject();
    if (path === undefined)
      throw new UserError(
        "file-not-found",
        "nothing that can be renamed is selected",
        "Choose a file or a folder in the list of files (F2).",
      );
    const old = nameOf(path);
    const dot = old.lastIndexOf(".");
    const name = await this.#askName({
      title: "Rename",
      label: `What should ${old} be called?`,
      value: old,
      cursor: dot > 0 ? dot : old.length,
    });
    if (name === undefined || name === old) return;
    const next = `${folderOf(path)}/${name}`;
    await this.#options.view.workbench.files.rename(path, next);
    this.#options.tree.select(next);
  }

  async #askDelete(): Promise<void> {
    const { dialogs } = this.#options.questions;
    const { workbench } = this.#options.view;
    const { path, name, writable, folder } = this.#deletable();
    if (!writable) throw new UserError("read-only", `you can't delete ${name}`, "It belongs to the course.");
    const sure = await dialogs.confirm({
      title: folder ? "Delete folder" : "Delete file",
      text: folder
        ? `Delete the folder ${name} and everything in it? This can't be undone.`
        : `Delete ${name}? This can't be undone.`,
      buttons: [
        { label: "Delete", letter: "D", value: true },
        { label: "Cancel", letter: "C", value: false },
      ],
      initial: 1,
      cancel: false,
    });
    if (!sure) return;
    await workbench.files.remove(path);
    workbench.notices.tell("success", `Deleted ${name}.`);
  }

  /** The selected row of the tree, or the open file. Throws a UserError when that can't be deleted. */
  #deletable(): { readonly path: string; readonly name: string; readonly writable: boolean; readonly folder: boolean } {
    const row = this.#selectedRow;
    if (row && row.kind !== "root" && row.kind !== "more")
      return { path: row.path, name: row.name, writable: row.writable, folder: row.kind === "directory" };
    const active = row ? undefined : this.#options.view.active;
    if (!active)
      throw new UserError(
        "file-not-found",
        "nothing that can be deleted is selected",
        "Choose a file or a folder in the list of files (F2).",
      );
    return { path: active.path, name: nameOf(active.path), writable: !active.fileReadOnly, folder: false };
  }

  #askName(options: { title: string; label: string; value?: string; cursor?: number }): Promise<string | undefined> {
    return this.#options.questions.dialogs.prompt({
      ...options,
      check: (name) => (name.trim() === "" ? "Type a name first." : undefined),
    });
  }

  async #showCopyCommand(): Promise<void> {
    const { view, questions, screen, notices } = this.#options;
    const path = this.#subject() ?? view.workbench.home;
    const { person, publicAddress, workspace } = view.workbench;
    const folder = (await workspace.stat(path)).kind === "directory";
    const line = copyCommand(publicAddress, person.username, { path, folder });
    const copies = await questions.dialogs.confirm({
      title: `Get ${shownFileName(path)}`,
      text: `On your own computer, in a terminal:\n\n${replaceUnseen(line, spellOut)}\n\nIt asks for your password here. WinSCP, FileZilla and their like show all your files: choose SFTP, host ${publicAddress.host}, port ${publicAddress.port}.`,
      buttons: [
        { label: "Copy the line", letter: "C", value: true },
        { label: "Close", letter: "l", value: false },
      ],
      initial: 1,
      cancel: false,
    });
    if (!copies) return;
    screen.copy(line);
    notices.show({ kind: "info", text: "Copied, if your terminal allows that: paste it into a terminal of your own." });
  }

  /** The selected row; undefined while the tree does not have the focus. */
  get #selectedRow(): FileTreeRow | undefined {
    const { view, tree, arrangement } = this.#options;
    return arrangement.focus === "files" ? tree.selected(view.tree.rows) : undefined;
  }

  /** The folder for a new file: the selected one if it can be written to, otherwise the person's own. */
  #folder(): string {
    const { view } = this.#options;
    const { workbench } = view;
    const row = this.#selectedRow;
    if (!row) {
      const active = view.active;
      return active && !active.readOnly ? folderOf(active.path) : workbench.home;
    }
    if (!row.writable) return workbench.home;
    if (row.kind === "root" || row.kind === "directory") return row.path;
    return row.kind === "more" ? row.path.replace(/\/$/, "") : folderOf(row.path);
  }

  #subject(): string | undefined {
    const row = this.#selectedRow;
    if (!row) return this.#options.view.active?.path;
    return row.kind === "root" || row.kind === "more" ? undefined : row.path;
  }

  /** Fills the palette folder by folder, nearest first, so that it can be used while it grows. */
  async #list(palette: Palette, redraw: () => void, abandoned: () => boolean): Promise<void> {
    const { workspace, home } = this.#options.view.workbench;
    const items: PaletteItem[] = [];
    const roots = workspace.roots().map(({ path }) => path);
    const waiting = roots.filter((path) => !path.startsWith("/students"));
    for (let visited = 0; visited < maxFolders && items.length < maxListed && !abandoned(); visited++) {
      const folder = waiting.shift();
      if (folder === undefined) break;
      const { entries } = await workspace.list(folder);
      for (const entry of entries) {
        if (entry.kind === "directory") waiting.push(entry.path);
        else if (entry.kind === "file" && items.length < maxListed) items.push(itemFor(entry.path, entry.name, home));
      }
      palette.setItems([...items]);
      redraw();
    }
  }
}

function itemFor(path: string, name: string, home: string): PaletteItem {
  const folder = folderOf(path);
  return { id: path, label: shown(name), detail: folder === home ? "" : shown(folder) };
}

/** Why a row of the tree can't be run. */
function notAProgram(row: FileTreeRow | undefined): UserError {
  const { kind, name = "" } = row ?? {};
  switch (kind) {
    case "file":
    case "link":
    case "other":
      return cannotRun(name);
    case "root":
    case "directory":
      return new UserError("not-a-file", `you can't run ${name}: it is a folder`, selectProgram);
    case "more":
    case undefined:
      return new UserError("file-not-found", "no file is selected", selectProgram);
    default:
      return kind satisfies never;
  }
}

const selectProgram = "Select a file whose name ends in .py, then press F5.";
