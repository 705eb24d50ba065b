import { leaveKeys } from "../../commands/keys/screen-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { wrap } from "../../base/wrap.ts";
import { fitEnd } from "./fit.ts";
import { stringWidth } from "../../base/width.ts";
import { smallest } from "./layout.ts";
import { bold, plain } from "./styles.ts";

/** Draws a sentence that asks for a screen of at least `needs`. It fits any size, down to a single cell. */
export function drawTooSmall(surface: Surface, needs: TerminalSize = smallest): void {
  const have = `${surface.width}x${surface.height}`;
  const sentence = `This window is too small: classh needs ${needs.columns}x${needs.rows}, it has ${have}. Make it larger, or press ${leaveKeys.keyFor("leave")} to leave.`;
  const lines = wrap(sentence, surface.width);
  const shown =
    lines.length <= surface.height ? lines : [fitEnd(`classh needs ${needs.columns}x${needs.rows}`, surface.width)];
  const top = Math.max(0, Math.floor((surface.height - shown.length) / 2));
  for (const [index, line] of shown.entries()) {
    const column = Math.max(0, Math.floor((surface.width - stringWidth(line)) / 2));
    surface.put(top + index, column, line, index === 0 ? bold : plain);
  }
}
