/** The keys of the file tree, besides those of actions. */
import { KeyContext } from "./key-context.ts";
import { listKeys } from "./list-keys.ts";

/** The keys of the file tree. */
export const fileTreeKeys = new KeyContext({
  name: "the list of files",
  bindings: [
    { command: "open", keys: ["Enter", "Space"], does: "Open the file, or open or close the folder", hint: "Open" },
    { command: "expand", keys: ["Right"], does: "Open the folder, or move down" },
    { command: "collapse", keys: ["Left"], does: "Close the folder, or go to its parent" },
    { command: "new-file", keys: ["n"], does: "New file", hint: "New" },
    { command: "new-folder", keys: ["f"], does: "New folder", hint: "Folder" },
    { command: "rename", keys: ["r"], does: "Rename", hint: "Rename" },
    { command: "delete", keys: ["d"], does: "Delete (asks first)", hint: "Delete" },
    { command: "refresh", keys: ["g"], does: "Reload the folders" },
    { command: "leave", keys: ["Escape"], does: "Back to the editor" },
  ],
  beside: [listKeys],
});

/** The commands of the file tree. */
export type FileTreeCommand = (typeof fileTreeKeys.bindings)[number]["command"];
