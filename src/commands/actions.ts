/**
 * Every action of the screen in one table: its id, its text in the help screen and the palette, its keys, and where the
 * keys work. The palette is made from it; the help screen, the hint line and docs/keys.md are made from it and from the
 * other keys (keys/).
 */
import { may, type Permission, type Role } from "../auth/roles.ts";
import type { EditorCommandName } from "../editor/commands.ts";
import type { Workbench } from "../session/workbench.ts";
import type { WorkbenchView } from "../session/workbench-view.ts";
import type { Destination } from "./destination.ts";
import type { Pane } from "./pane.ts";

/**
 * One screen as actions see it: the parts that do the work. The client in tui has them; actions stay free of drawing.
 */
export interface Ide {
  readonly workbench: Workbench;
  /** The view of this screen on the workbench. */
  readonly view: WorkbenchView;
  readonly arrangement: {
    focusOn(pane: Pane): void;
    /** Moves the focus to the next visible pane. */
    focusNext(): void;
    /** Shows and focuses the file tree, or hides it when it has the focus. */
    toggleFiles(): void;
    /** Shows the variables; gives them the focus; hides them when they have it. */
    toggleVariables(): void;
  };
  readonly menus: {
    showHelp(): void;
    showPalette(): void;
  };
  readonly files: {
    /** Asks for a file by name. */
    askOpen(): void;
    askNew(): void;
    askNewFolder(): void;
    /** Renames the selected row of the tree, or the open file. */
    askRename(): void;
    askDelete(): void;
    /** Shows how the selected row of the tree, or the open file, gets onto the person's own machine. */
    showCopyCommand(): void;
  };
  readonly saving: {
    /** Saves the active document; asks when the file has changed on disk. */
    active(): Promise<void>;
    all(): Promise<void>;
    /** Closes the active tab; asks about unsaved changes. */
    closeActive(): Promise<void>;
  };
  readonly running: {
    /** Saves, with the same questions, and runs the active document. */
    run(): Promise<void>;
    /** The same, step by step. */
    step(): Promise<void>;
  };
  readonly editing: {
    /** Runs an editor command on the active document and keeps the cursor in view. */
    run(command: EditorCommandName): void;
    copy(): void;
    cut(): void;
    paste(): void;
    askGoToLine(): void;
  };
  /** Reading, searching and clearing what the console has printed. */
  readonly consolePane: {
    find(): void;
    clear(): void;
    /** Wraps lines between words, or where the screen ends. */
    toggleWrapping(): void;
  };
  /** The consoles of the session. */
  readonly consoles: {
    /** Shows all of them to choose from. */
    choose(): Promise<void>;
    openNew(): void;
    step(direction: 1 | -1): void;
    /** Closes the one that is shown. */
    close(): Promise<void>;
  };
  readonly preview: {
    /** Shows the picture that a program showed last, then those before it. */
    showLast(): Promise<void>;
  };
  readonly finding: {
    open(replacing: boolean): void;
    step(direction: 1 | -1): void;
  };
  readonly failures: {
    /** Goes to the next (1) or previous (-1) place that the console's errors name. */
    step(direction: 1 | -1): Promise<void>;
    /** Explains what failed last in the console. */
    explain(): void;
  };
  readonly passwords: {
    /** Asks for a new password for the person's own account. */
    askNew(): void;
  };
  readonly leaving: {
    /** Asks about unsaved changes, and leaves. */
    quit(): Promise<void>;
    /** Takes this terminal to another screen; the session goes on, and the terminal comes back to it. */
    go(to: Destination): void;
    /** Asks which student to attach to, and goes there. */
    askWhom(): void;
  };
  readonly viewers: {
    /** Shows everybody who sees this session. */
    show(): void;
  };
  /** The person's hand and messages. */
  readonly inClass: {
    /** Asks what the question is about and raises the hand, or lowers it. */
    toggleHand(): void;
    openInbox(): void;
    /** Asks for a recipient and a text, and sends the message. */
    write(): void;
    /** Asks for a text, and sends it to all students. */
    broadcast(): void;
  };
}

/** A line of the table. */
export interface Action {
  /** The stable name, in kebab-case. */
  readonly id: string;
  /** The text in the palette and the help screen. */
  readonly title: string;
  /** One or two words for the hint line; without it, the action is not shown there. */
  readonly hint?: string;
  /**
   * Canonical key names (terminal/input/event.ts); a chord is written with a space: "Ctrl-K Ctrl-R". The first one is
   * shown.
   */
  readonly keys: readonly string[];
  /** Panes where the keys work, besides the console. */
  readonly where: readonly ("files" | "editor")[];
  /** The keys that also work in the console, where all others belong to Python; none by default. */
  readonly inConsole?: readonly string[];
  /** The keys in the list of files, where they are not the same as elsewhere. */
  readonly inFiles?: readonly string[];
  /** The section of the help screen. */
  readonly section: "Essentials" | "Files" | "Run" | "Edit" | "Find" | "Screen" | "Class";
  /** The permission that is needed: others neither see the action nor can run it. By default none. */
  readonly permission?: Permission;
  /** Whether guests of a session have it too: in the mode look, or only in help. By default not. */
  readonly guests?: "look" | "help";
  /** Whether only the owner may do it, and not somebody who drives; false by default. */
  readonly personal?: true;
  /** Whether only students have it; false by default. */
  readonly forStudents?: boolean;
  /** Does it. Errors are shown to the person. */
  run(ide: Ide): void | Promise<void>;
}

const both = ["files", "editor"] as const;
const editor = ["editor"] as const;
const files = ["files"] as const;

/** All actions, in the order of the help screen, and within a pane of the hint line. */
export const actions: readonly Action[] = [
  {
    id: "run",
    title: "Save and run this program",
    hint: "Run",
    keys: ["F5", "Ctrl-R"],
    where: both,
    inConsole: ["F5"],
    section: "Run",
    run: (ide) => ide.running.run(),
  },
  {
    id: "save",
    title: "Save",
    hint: "Save",
    keys: ["Ctrl-S"],
    where: both,
    inConsole: ["Ctrl-S"],
    section: "Files",
    guests: "help",
    run: (ide) => ide.saving.active(),
  },
  {
    id: "find",
    title: "Find",
    hint: "Find",
    keys: ["Ctrl-F"],
    where: editor,
    section: "Find",
    guests: "look",
    run: (ide) => ide.finding.open(false),
  },
  {
    id: "palette",
    title: "All commands",
    hint: "Commands",
    keys: ["Ctrl-P"],
    where: both,
    inConsole: ["Ctrl-P"],
    section: "Essentials",
    guests: "look",
    run: (ide) => ide.menus.showPalette(),
  },
  {
    id: "focus-files",
    title: "Go to the files, or hide them",
    hint: "Files",
    keys: ["F2", "Ctrl-E"],
    where: both,
    inConsole: ["F2", "Ctrl-E"],
    section: "Screen",
    guests: "look",
    run: (ide) => ide.arrangement.toggleFiles(),
  },
  {
    id: "focus-editor",
    title: "Go to the editor",
    hint: "Editor",
    keys: ["F3", "Ctrl-T"],
    where: both,
    inConsole: ["F3", "Ctrl-T"],
    section: "Screen",
    guests: "look",
    run: (ide) => ide.arrangement.focusOn("editor"),
  },
  {
    id: "focus-console",
    title: "Go to the console",
    hint: "Console",
    keys: ["F4", "Ctrl-L"],
    where: both,
    inConsole: ["F4"],
    section: "Screen",
    guests: "look",
    run: (ide) => ide.arrangement.focusOn("console"),
  },
  {
    id: "variables",
    title: "Show, go to, or hide the variables",
    keys: ["Shift-F4", "Ctrl-K Ctrl-V"],
    where: both,
    inConsole: ["Shift-F4"],
    section: "Screen",
    guests: "look",
    run: (ide) => ide.arrangement.toggleVariables(),
  },
  {
    id: "help",
    title: "Help: all keys",
    hint: "Help",
    keys: ["F1", "Ctrl-G"],
    where: both,
    inConsole: ["F1"],
    section: "Essentials",
    guests: "look",
    run: (ide) => ide.menus.showHelp(),
  },
  {
    id: "quit",
    title: "Quit (asks if something is not saved)",
    hint: "Quit",
    keys: ["Ctrl-Q"],
    where: both,
    inConsole: ["Ctrl-Q"],
    section: "Essentials",
    personal: true,
    guests: "look",
    run: (ide) => ide.leaving.quit(),
  },
  {
    id: "next-pane",
    title: "Next pane",
    keys: ["F6", "Ctrl-K Ctrl-O"],
    where: both,
    inConsole: ["F6"],
    section: "Screen",
    guests: "look",
    run: (ide) => ide.arrangement.focusNext(),
  },

  {
    id: "step",
    title: "Step through this program",
    keys: ["Ctrl-F5", "Shift-F6", "Ctrl-K Ctrl-Y"],
    where: both,
    inConsole: ["Ctrl-F5", "Shift-F6"],
    section: "Run",
    run: (ide) => ide.running.step(),
  },
  {
    id: "console-restart",
    title: "Stop and restart the console",
    keys: ["Shift-F5", "Ctrl-K Ctrl-R"],
    where: both,
    inConsole: ["Shift-F5"],
    section: "Run",
    run: (ide) => ide.workbench.console.restart(),
  },
  {
    id: "console-interrupt",
    title: "Stop the program (in the console: Ctrl-C)",
    keys: ["Ctrl-K Ctrl-C"],
    where: both,
    section: "Run",
    run: (ide) => ide.workbench.console.interrupt(),
  },

  {
    id: "consoles",
    title: "Consoles: choose one",
    keys: ["Shift-F7", "Ctrl-K Down"],
    where: both,
    inConsole: ["Shift-F7"],
    section: "Run",
    run: (ide) => ide.consoles.choose(),
  },
  {
    id: "new-console",
    title: "New console",
    keys: ["Ctrl-K Ctrl-I", "Ctrl-K Tab"],
    where: both,
    section: "Run",
    run: (ide) => ide.consoles.openNew(),
  },
  {
    id: "next-console",
    title: "Next console",
    keys: ["Shift-F9", "Ctrl-K Right"],
    where: both,
    inConsole: ["Shift-F9"],
    section: "Run",
    run: (ide) => ide.consoles.step(1),
  },
  {
    id: "previous-console",
    title: "Previous console",
    keys: ["Ctrl-F9", "Ctrl-K Left"],
    where: both,
    inConsole: ["Ctrl-F9"],
    section: "Run",
    run: (ide) => ide.consoles.step(-1),
  },
  {
    id: "close-console",
    title: "Close this console",
    keys: [],
    where: both,
    section: "Run",
    run: (ide) => ide.consoles.close(),
  },
  {
    id: "console-find",
    title: "Find in the console's output",
    keys: ["Shift-F3", "Ctrl-K Ctrl-P"],
    where: both,
    inConsole: ["Shift-F3"],
    section: "Run",
    guests: "look",
    run: (ide) => ide.consolePane.find(),
  },
  {
    id: "console-clear",
    title: "Clear the console",
    keys: ["Ctrl-K Ctrl-Z"],
    where: both,
    section: "Run",
    run: (ide) => ide.consolePane.clear(),
  },
  {
    id: "console-wrap",
    title: "Wrap the console's lines between words, or not",
    keys: [],
    where: both,
    section: "Run",
    guests: "look",
    run: (ide) => ide.consolePane.toggleWrapping(),
  },
  {
    id: "next-error",
    title: "Go to the error, then to the next one",
    keys: ["F8", "Ctrl-K Ctrl-J", "Ctrl-K Enter"],
    where: both,
    inConsole: ["F8"],
    inFiles: ["Ctrl-K Ctrl-J", "Ctrl-K Enter"],
    section: "Run",
    guests: "look",
    run: (ide) => ide.failures.step(1),
  },
  {
    id: "previous-error",
    title: "Go to the error before",
    keys: ["Shift-F8", "Ctrl-K Up"],
    where: both,
    inConsole: ["Shift-F8"],
    section: "Run",
    guests: "look",
    run: (ide) => ide.failures.step(-1),
  },

  {
    id: "show-picture",
    title: "Show the last picture, or the one before it",
    keys: [],
    where: both,
    section: "Run",
    guests: "look",
    run: (ide) => ide.preview.showLast(),
  },
  {
    id: "explain",
    title: "Explain the error",
    keys: ["Shift-F1", "Ctrl-K Ctrl-X"],
    where: both,
    inConsole: ["Shift-F1"],
    section: "Run",
    guests: "look",
    run: (ide) => ide.failures.explain(),
  },
  {
    id: "keep-written",
    title: "Keep what the student's program wrote",
    keys: [],
    where: both,
    section: "Run",
    permission: "students.files",
    run: async (ide) => void (await ide.workbench.runs.keepWritten()),
  },

  {
    id: "open",
    title: "Open a file by name",
    keys: ["Ctrl-O"],
    where: both,
    inConsole: ["Ctrl-O"],
    section: "Files",
    guests: "look",
    run: (ide) => ide.files.askOpen(),
  },
  {
    id: "new-file",
    title: "New file",
    hint: "New",
    keys: ["Ctrl-N"],
    where: both,
    inConsole: ["Ctrl-N"],
    section: "Files",
    run: (ide) => ide.files.askNew(),
  },
  {
    id: "new-folder",
    title: "New folder",
    keys: ["Ctrl-K Ctrl-N"],
    where: both,
    section: "Files",
    run: (ide) => ide.files.askNewFolder(),
  },
  {
    id: "rename",
    title: "Rename the selected file",
    keys: ["F7", "Ctrl-K Ctrl-E"],
    where: both,
    section: "Files",
    run: (ide) => ide.files.askRename(),
  },
  {
    id: "delete",
    title: "Delete the selected file (asks first)",
    keys: ["Delete", "F8"],
    where: files,
    section: "Files",
    run: (ide) => ide.files.askDelete(),
  },
  {
    id: "copy-command",
    title: "How do I get this file onto my own computer?",
    keys: [],
    where: both,
    section: "Files",
    run: (ide) => ide.files.showCopyCommand(),
  },
  {
    id: "copy-home",
    title: "Copy a read-only file to your own files",
    keys: ["F10", "Ctrl-K Ctrl-H"],
    where: both,
    section: "Files",
    run: copyHome,
  },
  {
    id: "save-all",
    title: "Save all open files",
    keys: ["Ctrl-K Ctrl-S"],
    where: both,
    section: "Files",
    guests: "help",
    run: (ide) => ide.saving.all(),
  },
  {
    id: "close-tab",
    title: "Close this file",
    keys: ["Ctrl-W"],
    where: both,
    section: "Files",
    run: (ide) => ide.saving.closeActive(),
  },
  {
    id: "next-tab",
    title: "Next open file",
    keys: ["Ctrl-PageDown", "Alt-Right"],
    where: both,
    section: "Files",
    guests: "look",
    run: (ide) => ide.view.step(1),
  },
  {
    id: "previous-tab",
    title: "Previous open file",
    keys: ["Ctrl-PageUp", "Alt-Left"],
    where: both,
    section: "Files",
    guests: "look",
    run: (ide) => ide.view.step(-1),
  },
  {
    id: "refresh",
    title: "Reload the folders",
    keys: ["Ctrl-K Ctrl-F"],
    where: both,
    section: "Files",
    guests: "look",
    run: (ide) => ide.workbench.tree.refresh(),
  },

  {
    id: "undo",
    title: "Undo",
    keys: ["Ctrl-Z"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("undo"),
  },
  {
    id: "redo",
    title: "Redo",
    keys: ["Ctrl-Y", "Ctrl-Shift-Z"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("redo"),
  },
  {
    id: "cut",
    title: "Cut (the line, when nothing is selected)",
    keys: ["Ctrl-X"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.cut(),
  },
  {
    id: "copy",
    title: "Copy (the line, when nothing is selected)",
    keys: ["Ctrl-C"],
    where: editor,
    section: "Edit",
    guests: "look",
    run: (ide) => ide.editing.copy(),
  },
  {
    id: "paste",
    title: "Paste",
    keys: ["Ctrl-V"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.paste(),
  },
  {
    id: "select-all",
    title: "Select everything",
    keys: ["Ctrl-A"],
    where: editor,
    section: "Edit",
    guests: "look",
    run: (ide) => ide.editing.run("selectAll"),
  },
  {
    id: "comment",
    title: "Comment lines out, or back in",
    keys: ["Ctrl-/", "Ctrl-_"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("toggleComment"),
  },
  {
    id: "delete-line",
    title: "Delete the line",
    keys: ["Ctrl-K Ctrl-K", "Alt-K", "Ctrl-Shift-K"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("deleteLine"),
  },
  {
    id: "move-line-up",
    title: "Move the line up",
    keys: ["Alt-Up"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("moveLineUp"),
  },
  {
    id: "move-line-down",
    title: "Move the line down",
    keys: ["Alt-Down"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("moveLineDown"),
  },
  {
    id: "copy-line-up",
    title: "Copy the line up",
    keys: ["Alt-Shift-Up"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("copyLineUp"),
  },
  {
    id: "copy-line-down",
    title: "Copy the line down",
    keys: ["Alt-Shift-Down"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("copyLineDown"),
  },
  {
    id: "duplicate",
    title: "Duplicate the line, or what is selected",
    keys: ["Alt-D"],
    where: editor,
    section: "Edit",
    guests: "help",
    run: (ide) => ide.editing.run("duplicate"),
  },
  {
    id: "select-next-occurrence",
    title: "Select the next occurrence as well",
    keys: ["Ctrl-D"],
    where: editor,
    section: "Edit",
    guests: "look",
    run: (ide) => ide.editing.run("selectNextOccurrence"),
  },

  {
    id: "replace",
    title: "Find and replace",
    keys: ["Ctrl-H", "Ctrl-K Ctrl-G"],
    where: editor,
    section: "Find",
    guests: "help",
    run: (ide) => ide.finding.open(true),
  },
  {
    id: "find-next",
    title: "Find next",
    keys: ["Ctrl-K Ctrl-D"],
    where: editor,
    section: "Find",
    guests: "look",
    run: (ide) => ide.finding.step(1),
  },
  {
    id: "find-previous",
    title: "Find previous",
    keys: ["Ctrl-K Ctrl-U"],
    where: editor,
    section: "Find",
    guests: "look",
    run: (ide) => ide.finding.step(-1),
  },
  {
    id: "go-to-line",
    title: "Go to a line",
    keys: ["Ctrl-K Ctrl-L"],
    where: editor,
    section: "Find",
    guests: "look",
    run: (ide) => ide.editing.askGoToLine(),
  },

  {
    id: "password",
    title: "Change your password",
    keys: [],
    where: both,
    section: "Screen",
    personal: true,
    run: (ide) => ide.passwords.askNew(),
  },

  {
    id: "class",
    title: "Class: everybody at a glance",
    hint: "Class",
    keys: ["F9", "Ctrl-K Ctrl-A"],
    where: both,
    inConsole: ["F9"],
    section: "Class",
    permission: "class.read",
    personal: true,
    run: (ide) => ide.leaving.go({ kind: "class" }),
  },
  {
    id: "usage",
    title: "Usage: what students did, by day",
    keys: [],
    where: both,
    section: "Class",
    permission: "usage.read-section",
    personal: true,
    run: (ide) => ide.leaving.go({ kind: "usage" }),
  },
  {
    id: "server-status",
    title: "Server: how it is doing",
    keys: [],
    where: both,
    section: "Class",
    permission: "doctor",
    personal: true,
    run: (ide) => ide.leaving.go({ kind: "server-status" }),
  },
  {
    id: "hand",
    title: "Raise your hand, or lower it",
    hint: "Hand",
    keys: ["Ctrl-K Ctrl-Q", "F11"],
    where: both,
    inConsole: ["F11"],
    section: "Class",
    forStudents: true,
    personal: true,
    run: (ide) => ide.inClass.toggleHand(),
  },
  {
    id: "inbox",
    title: "Messages",
    keys: ["F12", "Ctrl-K Ctrl-B"],
    where: both,
    inConsole: ["F12"],
    section: "Class",
    personal: true,
    run: (ide) => ide.inClass.openInbox(),
  },
  {
    id: "write",
    title: "Write a message",
    keys: ["Ctrl-K Ctrl-T"],
    where: both,
    section: "Class",
    personal: true,
    run: (ide) => ide.inClass.write(),
  },
  {
    id: "broadcast",
    title: "Write to all of your students",
    keys: [],
    where: both,
    section: "Class",
    permission: "broadcast",
    personal: true,
    run: (ide) => ide.inClass.broadcast(),
  },
  {
    id: "attach",
    title: "Attach to a student: watch, help, drive",
    keys: ["Ctrl-K Ctrl-W"],
    where: both,
    section: "Class",
    permission: "attach",
    personal: true,
    run: (ide) => ide.leaving.askWhom(),
  },
  {
    id: "viewers",
    title: "Who is here? Everybody who sees this session",
    keys: [],
    where: both,
    section: "Class",
    guests: "look",
    run: (ide) => ide.viewers.show(),
  },
];

/** Whether a person with this role has the action at all. */
export function isFor(action: Action, role: Role): boolean {
  if (action.forStudents === true && role !== "student") return false;
  return action.permission === undefined || may(role, action.permission);
}

async function copyHome(ide: Ide): Promise<void> {
  const document = ide.view.active;
  if (document) await ide.view.copyHome(document);
}

/** The action with an id; undefined when there is none. */
export function actionOf(id: string): Action | undefined {
  return byId.get(id);
}

const byId: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.id, action]));

/** The keys of an action in a pane; the first one is shown. */
export function keysOf(action: Action, pane: Pane): readonly string[] {
  if (pane === "console") return action.inConsole ?? [];
  if (pane === "files" && action.inFiles) return action.inFiles;
  if (pane === "variables") return action.where.length === both.length ? action.keys : [];
  return action.where.includes(pane) ? action.keys : [];
}
