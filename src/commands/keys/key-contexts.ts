/** All contexts: the whole table of keys, as docs/keys.md shows it and the tests check it. */
import type { Action } from "../actions.ts";
import { classFindKeys, classKeys } from "./class-keys.ts";
import { consoleKeys, pythonKeys, readingKeys } from "./console-keys.ts";
import {
  confirmKeys,
  differenceKeys,
  explanationKeys,
  helpKeys,
  inboxKeys,
  messageKeys,
  paletteKeys,
  passwordKeys,
  promptKeys,
} from "./dialog-keys.ts";
import { editorKeys } from "./editor-keys.ts";
import { fieldKeys, textAreaKeys } from "./field-keys.ts";
import { fileTreeKeys } from "./file-tree-keys.ts";
import { findBarKeys } from "./find-bar-keys.ts";
import type { KeyContext } from "./key-context.ts";
import { pictureKeys } from "./picture-keys.ts";
import { endKeys, lineKeys, listKeys, pageKeys } from "./list-keys.ts";
import { paneKeys } from "./pane-keys.ts";
import { serverStatusKeys, usageKeys } from "./report-keys.ts";
import { chordKeys, copyingKeys, leaveKeys, messageBarKeys, stopKeys } from "./screen-keys.ts";
import { stepperKeys } from "./stepper-keys.ts";
import { valueKeys, variablesKeys } from "./variables-keys.ts";
import { drivenKeys, viewerKeys } from "./viewer-keys.ts";

/** The sections of actions, in the order of the help screen. */
export const actionSections: readonly Action["section"][] = [
  "Essentials",
  "Run",
  "Files",
  "Screen",
  "Edit",
  "Find",
  "Class",
];

/** A section of a page of keys. */
export interface KeySection {
  readonly title: string;
  readonly contexts: readonly KeyContext[];
}

/** The panes' own keys; actions have sections of their own. */
export const paneSections: readonly KeySection[] = [
  { title: "In the editor", contexts: [editorKeys] },
  { title: "In the list of files", contexts: [fileTreeKeys, listKeys] },
  { title: "In the console", contexts: [pythonKeys, consoleKeys] },
  { title: "While you read the console's older output", contexts: [readingKeys] },
  { title: "In a find bar", contexts: [findBarKeys] },
  { title: "In the variables", contexts: [variablesKeys, listKeys] },
];

/** The keys of what can lie over the panes. */
export const dialogSections: readonly KeySection[] = [
  { title: "In questions with buttons", contexts: [confirmKeys] },
  { title: "In questions for a name or a number", contexts: [promptKeys] },
  { title: "Where you write a message", contexts: [messageKeys] },
  { title: "Where you type to choose from a list", contexts: [paletteKeys, lineKeys, pageKeys] },
  { title: "Wherever there is a line of text to edit", contexts: [fieldKeys] },
  { title: "In a text of several lines", contexts: [textAreaKeys] },
  { title: "Where you change your password", contexts: [passwordKeys] },
  { title: "In your messages", contexts: [inboxKeys, lineKeys, endKeys] },
  { title: "On the help screen", contexts: [helpKeys, listKeys] },
  { title: "Where a variable is shown in full", contexts: [valueKeys, listKeys] },
  { title: "Where an error is explained", contexts: [explanationKeys, listKeys] },
  { title: "Where two versions of a file are compared", contexts: [differenceKeys, listKeys] },
];

/** The keys of temporary states. */
export const passingSections: readonly KeySection[] = [
  { title: "After the first key of two, as in Ctrl-K Ctrl-S", contexts: [chordKeys] },
  { title: "While a new message is shown at the top", contexts: [messageBarKeys] },
  { title: "While a picture is shown", contexts: [pictureKeys] },
  { title: "While a student's files are copied for a run", contexts: [copyingKeys] },
  { title: "While a program runs, in the editor and in the list of files", contexts: [stopKeys] },
  { title: "While you step through a program, in the editor", contexts: [stepperKeys] },
  { title: "While the window is too small", contexts: [leaveKeys] },
  { title: "While somebody types for you", contexts: [drivenKeys] },
];

/** The keys of the class view. */
export const classSections: readonly KeySection[] = [
  { title: "In the class view", contexts: [classKeys, listKeys] },
  { title: "While you type whom to find", contexts: [classFindKeys, lineKeys, pageKeys] },
];

/** The keys of the reports. */
export const reportSections: readonly KeySection[] = [
  { title: "In the use of the class", contexts: [usageKeys, listKeys] },
  { title: "In the state of the server", contexts: [serverStatusKeys, listKeys] },
];

/** The keys of viewers, and the one that the owner has against them. */
export const viewerSections: readonly KeySection[] = [
  { title: "While you watch", contexts: [viewerKeys.watch] },
  { title: "While you look around, help or drive", contexts: [viewerKeys.look] },
];

const sections = [
  ...paneSections,
  ...dialogSections,
  ...passingSections,
  ...classSections,
  ...reportSections,
  ...viewerSections,
];

/** All contexts. */
export const keyContexts: readonly KeyContext[] = [
  ...new Set([
    ...Object.values(paneKeys),
    ...sections.flatMap(({ contexts }) => contexts),
    ...Object.values(viewerKeys),
  ]),
];
