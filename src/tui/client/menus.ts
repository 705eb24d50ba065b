/** The hint line, the palette and the help screen, all made from the table of actions. */
import { actions, keysOf } from "../../commands/actions.ts";
import type { Action } from "../../commands/actions.ts";
import type { Pane } from "../../commands/pane.ts";
import { editorCommands } from "../../editor/commands.ts";
import { editorKeys } from "../../editor/keymap.ts";
import type { HelpEntry, HelpSection } from "../views/help-screen.ts";
import { shortKey, type Hint } from "../views/hint-line.ts";
import type { PaletteItem } from "../views/palette.ts";

/** A hint with the action that a click on it runs, where there is one. */
export interface ActionHint extends Hint {
  readonly action: Action | undefined;
}

const filesHints: readonly ActionHint[] = [
  { key: "Enter", label: "Open", action: undefined },
  { key: "n", label: "New", action: undefined },
  { key: "f", label: "Folder", action: undefined },
  { key: "r", label: "Rename", action: undefined },
  { key: "d", label: "Delete", action: undefined },
];

const findHints: readonly ActionHint[] = [
  { key: "Enter", label: "Next", action: undefined },
  { key: "↑", label: "Previous", action: undefined },
  { key: "Alt-C", label: "Capitals", action: undefined },
  { key: "Alt-W", label: "Whole words", action: undefined },
  { key: "Tab", label: "Other field", action: undefined },
  { key: "Esc", label: "Close", action: undefined },
];

const consoleHints: readonly ActionHint[] = [
  { key: "^C", label: "Stop", action: undefined },
  { key: "Tab", label: "Complete", action: undefined },
];

/** What works here and now, most useful first. */
export const hints: Readonly<Record<Pane | "find", readonly ActionHint[]>> = {
  files: [...filesHints, ...actionHints("files", new Set(["focus-files", "new-file", "save", "find"]))],
  editor: actionHints("editor", new Set(["focus-editor", "new-file"])),
  console: [...actionHints("console", new Set(["focus-console"])).slice(0, 1), ...consoleHints, ...actionHints("console", new Set(["focus-console"])).slice(1)],
  find: findHints,
};

function actionHints(pane: Pane, without: ReadonlySet<string>): readonly ActionHint[] {
  return actions.flatMap((action) => {
    const key = keysOf(action, pane)[0];
    if (action.hint === undefined || key === undefined || without.has(action.id)) return [];
    return [{ key: shortKey(key), label: action.hint, action }];
  });
}

/** The action behind a palette item. */
export function actionOf(id: string): Action | undefined {
  return actions.find((action) => action.id === id);
}

/** Every action that the person has, but the palette itself. */
export function paletteItems(has: (action: Action) => boolean): readonly PaletteItem[] {
  return actions
    .filter((action) => action.id !== "palette" && has(action))
    .map(({ id, title, section, keys }) => ({ id, label: title, detail: section, keys: keys[0] ?? "" }));
}

const sectionOrder: readonly Action["section"][] = ["Essentials", "Run", "Files", "Screen", "Edit", "Find", "Class"];

/** The whole help: actions by section, the keys of each pane, and those of the editor. */
export function helpSections(has: (action: Action) => boolean): readonly HelpSection[] {
  const mine = actions.filter((action) => action.keys.length > 0 && has(action));
  const sections = sectionOrder.map((title) => ({ title, entries: mine.filter(({ section }) => section === title).map(helpEntry) }));
  return [
    ...sections.filter(({ entries }) => entries.length > 0),
    { title: "In the list of files", entries: filesEntries },
    { title: "In the console: Python's own keys", entries: consoleEntries },
    { title: "In the editor", entries: editorEntries() },
  ];
}

function helpEntry(action: Action): HelpEntry {
  return { keys: action.keys.join(" or "), doc: action.title };
}

const filesEntries: readonly HelpEntry[] = [
  { keys: "Up Down", doc: "Choose a file or folder" },
  { keys: "Enter", doc: "Open the file, or the folder" },
  { keys: "Left Right", doc: "Close and open a folder" },
  { keys: "n, f", doc: "New file, new folder" },
  { keys: "r, d", doc: "Rename, delete" },
  { keys: "g", doc: "Read the folders again" },
  { keys: "Escape", doc: "Back to the editor" },
];

const consoleEntries: readonly HelpEntry[] = [
  { keys: "Ctrl-C", doc: "Interrupt the program" },
  { keys: "Ctrl-D", doc: "End Python" },
  { keys: "Up Down", doc: "Earlier and later lines that you typed" },
  { keys: "Tab", doc: "Complete a name" },
  { keys: "PageUp PageDown", doc: "Older and newer output" },
];

/** One entry for each command, with all of its keys. */
function editorEntries(): readonly HelpEntry[] {
  const keys = new Map<string, string[]>();
  for (const [key, command] of editorKeys) keys.set(command, [...(keys.get(command) ?? []), key]);
  return Object.entries(editorCommands).flatMap(([name, { doc }]) => {
    const bound = keys.get(name);
    return bound === undefined ? [] : [{ keys: bound.slice(0, 2).join(" or "), doc }];
  });
}
