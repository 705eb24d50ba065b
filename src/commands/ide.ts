/** What actions act on: one person's screen. tui's client implements it; actions stay free of drawing. */
import type { EditorCommandName } from "../editor/commands.ts";
import type { Workbench } from "../session/workbench.ts";

export type Pane = "files" | "editor" | "console";

export interface Ide {
  readonly workbench: Workbench;
  readonly focused: Pane;
  focus(pane: Pane): void;
  /** Shows and focuses the file tree, or hides it when it has the focus. */
  toggleFiles(): void;
  /** Moves the focus to the next pane that is on the screen. */
  nextPane(): void;
  showHelp(): void;
  showPalette(): void;
  /** Asks for a file by name. */
  askOpen(): void;
  askNewFile(): void;
  askNewFolder(): void;
  /** Renames what is selected in the tree, or the open file. */
  askRename(): void;
  askDelete(): void;
  askGoToLine(): void;
  find(): void;
  replace(): void;
  findStep(direction: 1 | -1): void;
  /** Saves the active document; asks when the file has changed on disk. */
  save(): Promise<void>;
  saveAll(): Promise<void>;
  /** Saves (with the same questions) and runs the active document. */
  run(): Promise<void>;
  /** Closes the active tab; asks about unsaved changes. */
  closeTab(): Promise<void>;
  /** Leaves; asks about unsaved changes. */
  quit(): Promise<void>;
  /** Runs an editor command on the active document and keeps the cursor in view. */
  edit(command: EditorCommandName): void;
  copy(): void;
  cut(): void;
  paste(): void;
  /** A new password for the person's own account. */
  askPassword(): void;
}
