import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import { area } from "./area.ts";
import { fitEnd } from "./fit.ts";
import { dialog, dialogBorder, dialogTitle } from "./styles.ts";

/** Columns that a frame takes: borders and a blank column on both sides. */
export const frameColumns = 4;
/** Rows that a frame takes. */
export const frameRows = 2;

/** Draws a box with a title around the whole surface. Returns the surface inside. */
export function drawFrame(surface: Surface, title: string): Surface {
  const { width, height } = surface;
  const line = "─".repeat(Math.max(0, width - 2));
  surface.fill(area(0, 0, width, height), dialog);
  surface.put(0, 0, `╭${line}╮`, dialogBorder);
  for (let row = 1; row < height - 1; row++) {
    surface.put(row, 0, "│", dialogBorder);
    surface.put(row, width - 1, "│", dialogBorder);
  }
  surface.put(height - 1, 0, `╰${line}╯`, dialogBorder);
  if (title !== "") surface.put(0, 2, ` ${fitEnd(title, width - 6)} `, dialogTitle);
  return surface.part({
    row: 1,
    column: 2,
    width: Math.max(0, width - frameColumns),
    height: Math.max(0, height - frameRows),
  });
}

/** A rectangle of at most this size in the middle of the screen, a little above the centre. */
export function centred(size: TerminalSize, width: number, height: number): Region {
  const fitWidth = Math.min(width, size.columns);
  const fitHeight = Math.min(height, size.rows);
  return {
    row: Math.max(0, Math.floor((size.rows - fitHeight) * 0.42)),
    column: Math.max(0, Math.floor((size.columns - fitWidth) / 2)),
    width: fitWidth,
    height: fitHeight,
  };
}

/** The width of the widest line, in columns. */
export function widest(lines: readonly string[]): number {
  return lines.reduce((most, line) => Math.max(most, stringWidth(line)), 0);
}
