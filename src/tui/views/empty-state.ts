import { paneKeys } from "../../commands/keys/pane-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { accent, bold, dim, plain } from "./styles.ts";

const steps: readonly (readonly [keys: string, doc: string])[] = [
  [paneKeys.editor.keyFor("focus-files"), "choose a file on the left"],
  [paneKeys.editor.keyFor("new-file"), "create a new file"],
  [paneKeys.editor.keyFor("palette"), "find any command by its name"],
];

/** Draws what to do next while no file is open. */
export function drawEmptyEditor(surface: Surface): void {
  const width = steps.reduce((most, [, doc]) => Math.max(most, stringWidth(doc)), 0) + 10;
  const column = Math.max(1, Math.floor((surface.width - width) / 2));
  const top = Math.max(0, Math.floor((surface.height - steps.length - 2) / 2));
  surface.put(top, column, "No file is open.", bold);
  for (const [index, [keys, doc]] of steps.entries()) {
    const row = top + 2 + index;
    surface.put(row, column, keys, accent);
    surface.put(row, column + 9, doc, plain);
  }
  if (surface.height > top + steps.length + 4)
    surface.put(top + steps.length + 3, column, `${paneKeys.editor.keyFor("help")} shows every key.`, dim);
}
