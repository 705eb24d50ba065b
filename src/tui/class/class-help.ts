/** The class view's help: its keys, and the order of the students. */
import { classKeys } from "../../commands/keys/class-keys.ts";
import { keyEntries, type KeyEntry } from "../../commands/keys/key-entries.ts";
import { listKeys } from "../../commands/keys/list-keys.ts";
import type { HelpSection } from "../views/help-screen.ts";

const order: readonly KeyEntry[] = [
  { keys: "▲ hand", does: "Who waits longest comes first" },
  { keys: "✗ error ×3", does: "The same error again and again" },
  { keys: "✗ error", does: "No key for a minute after an error" },
  { keys: "▶ running", does: "Runs for long, or waits for input" },
];

const titles = [...new Set(classKeys.bindings.map(({ section }) => section ?? ""))];
const keys: readonly HelpSection[] = titles.map((title) => ({
  title,
  entries: keyEntries(classKeys.bindings.filter(({ section }) => section === title)),
}));

/** The sections of the help screen. */
export const classHelp: readonly HelpSection[] = [
  ...keys.slice(0, -1),
  { title: "Who is at the top", entries: order }, // before the way out, which everybody finds
  ...keys.slice(-1),
  { title: "In the list", entries: keyEntries(listKeys.bindings) },
];
