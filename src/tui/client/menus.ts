/** The content of the hint line, the palette and the help screen, made from the tables of actions and keys. */
import { actions, keysOf, type Action } from "../../commands/actions.ts";
import type { Pane } from "../../commands/pane.ts";
import { pythonKeys, readingKeys } from "../../commands/keys/console-keys.ts";
import { fileTreeKeys } from "../../commands/keys/file-tree-keys.ts";
import { stepperKeys } from "../../commands/keys/stepper-keys.ts";
import { variablesKeys } from "../../commands/keys/variables-keys.ts";
import { findBarKeys } from "../../commands/keys/find-bar-keys.ts";
import type { KeyContext } from "../../commands/keys/key-context.ts";
import { actionSections, dialogSections, paneSections } from "../../commands/keys/key-contexts.ts";
import { anyOf, keyEntries } from "../../commands/keys/key-entries.ts";
import type { HelpEntry, HelpSection } from "../views/help-screen.ts";
import { hintOf, shortKey, type Hint } from "../views/hint-line.ts";
import type { PaletteItem } from "../views/palette.ts";

/** A hint, with the action that a click on it runs. */
export interface ActionHint extends Hint {
  /** Undefined for a hint that only says which key to press. */
  readonly action: Action | undefined;
  /** For a hint without an action: whether guests see it too. */
  readonly guests: boolean;
}

/** Hints that only say which key to press. */
function keyHints<Command extends string>(
  context: KeyContext<Command>,
  commands: readonly Command[],
  forGuests: readonly Command[] = [],
): readonly ActionHint[] {
  return commands.map((command) => ({
    ...hintOf(context, command),
    action: undefined,
    guests: forGuests.includes(command),
  }));
}

const findCommands = ["enter", "previous", "match-case", "whole-word", "other-field", "close"] as const;

/** Of the find bar in the console, which begins with the newest output. */
const searchHints = [
  hintOf(findBarKeys, "enter", "Older"),
  hintOf(findBarKeys, "next", "Newer"),
  ...(["match-case", "whole-word", "close"] as const).map((command) => hintOf(findBarKeys, command)),
];

const readingCommands = ["leave", "find", "copy", "open"] as const;

const consoleActions = actionHints("console", new Set(["focus-console"]));

const stepCommands = ["in", "over", "out", "back", "run", "value", "outer", "quit"] as const;

/** The hints for each pane, for a find bar and for reading back in the console, most useful first. */
export const hints: Readonly<Record<Pane | "find" | "search" | "stepper" | "reading", readonly ActionHint[]>> = {
  files: [
    ...keyHints(fileTreeKeys, ["open", "new-file", "new-folder", "rename", "delete"], ["open"]),
    ...actionHints("files", new Set(["focus-files", "new-file", "save", "find"])),
  ],
  editor: actionHints("editor", new Set(["focus-editor", "new-file"])),
  console: [
    ...consoleActions.slice(0, 1),
    ...keyHints(pythonKeys, ["interrupt", "complete"]),
    ...consoleActions.slice(1),
  ],
  stepper: keyHints(stepperKeys, stepCommands, stepCommands),
  variables: [
    ...keyHints(variablesKeys, ["open", "leave"], ["open", "leave"]),
    ...actionHints("variables", new Set(["new-file", "save", "find"])),
  ],
  find: keyHints(findBarKeys, findCommands, findCommands),
  search: searchHints.map((hint) => ({ ...hint, action: undefined, guests: true })),
  reading: [...keyHints(readingKeys, readingCommands, readingCommands), ...consoleActions],
};

function actionHints(pane: Pane, without: ReadonlySet<string>): readonly ActionHint[] {
  return actions.flatMap((action) => {
    const key = keysOf(action, pane)[0];
    if (action.hint === undefined || key === undefined || without.has(action.id)) return [];
    return [{ key: shortKey(key), label: action.hint, action, guests: false }];
  });
}

/** Every available action except the palette itself. */
export function paletteItems(has: (action: Action) => boolean): readonly PaletteItem[] {
  return actions
    .filter((action) => action.id !== "palette" && has(action))
    .map(({ id, title, section, keys }) => ({ id, label: title, detail: section, keys: keys[0] ?? "" }));
}

/** Most keys of one command on the help screen. */
const maxKeysShown = 2;

/** The help screen: actions by section, then the keys of each pane and of what can lie over them. */
export function helpSections(has: (action: Action) => boolean): readonly HelpSection[] {
  const mine = actions.filter((action) => action.keys.length > 0 && has(action));
  const ofActions = actionSections.map((title) => ({
    title,
    entries: mine.filter(({ section }) => section === title).map(helpEntry),
  }));
  const others = [...paneSections, ...dialogSections].map(({ title, contexts }) => ({
    title,
    entries: keyEntries(
      contexts.flatMap(({ bindings }) => bindings),
      maxKeysShown,
    ),
  }));
  return [...ofActions, ...others].filter(({ entries }) => entries.length > 0);
}

function helpEntry({ keys, title }: Action): HelpEntry {
  return { keys: anyOf(keys.slice(0, maxKeysShown)), does: title };
}
