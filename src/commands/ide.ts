/** What actions act on: one person's screen. tui's client implements it; actions stay free of drawing. */
import type { ViewMode } from "../auth/attaching.ts";
import type { EditorCommandName } from "../editor/commands.ts";
import type { Workbench } from "../session/workbench.ts";
import type { WorkbenchView } from "../session/workbench-view.ts";

export type Pane = "files" | "editor" | "console";

/** Where a terminal can go besides the person's own session; leaving it leads back. */
export type Destination =
  /** The class view. */
  | { readonly kind: "class" }
  /** Somebody else's session. */
  | { readonly kind: "watch"; readonly username: string; readonly mode?: ViewMode | undefined };

/** Hands and messages of the person on this screen. */
export interface ClassActions {
  /** Raises the hand, asking what it is about, or lowers it. */
  toggleHand(): void;
  openInbox(): void;
  /** Asks to whom, and for the text. */
  write(): void;
  /** Asks for a text to all students. */
  broadcast(): void;
}

export interface Ide {
  readonly workbench: Workbench;
  /** What this client sees of it. */
  readonly view: WorkbenchView;
  readonly inClass: ClassActions;
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
  /** Takes this terminal somewhere else; the session goes on, and the terminal comes back to it. */
  go(to: Destination): void;
  /** Asks whom to attach to. */
  askWhom(): void;
  /** Shows everybody who sees this session. */
  showViewers(): void;
}
