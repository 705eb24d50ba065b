import { stringWidth } from "../../editor/width.ts";
import type { Region, Surface } from "../draw/surface.ts";
import { fitEnd } from "./fit.ts";
import { dialog, dialogBorder, dialogTitle } from "./styles.ts";

/** Draws a bordered box and returns the surface inside, with a column of air on both sides. */
export function drawFrame(surface: Surface, region: Region, title: string): Surface {
  const { row, column, width, height } = region;
  surface.fill(region, dialog);
  surface.put(row, column, `╭${"─".repeat(width - 2)}╮`, dialogBorder);
  for (let line = row + 1; line < row + height - 1; line++) {
    surface.put(line, column, "│", dialogBorder);
    surface.put(line, column + width - 1, "│", dialogBorder);
  }
  surface.put(row + height - 1, column, `╰${"─".repeat(width - 2)}╯`, dialogBorder);
  if (title !== "") surface.put(row, column + 2, ` ${fitEnd(title, width - 6)} `, dialogTitle);
  return surface.part({ row: row + 1, column: column + 2, width: width - 4, height: height - 2 });
}

/** A rectangle of at most this size in the middle of the surface, a little above the centre where the eye rests. */
export function centred(surface: Surface, width: number, height: number): Region {
  const fitWidth = Math.min(width, surface.width);
  const fitHeight = Math.min(height, surface.height);
  return {
    row: Math.max(0, Math.floor((surface.height - fitHeight) * 0.42)),
    column: Math.max(0, Math.floor((surface.width - fitWidth) / 2)),
    width: fitWidth,
    height: fitHeight,
  };
}

/** The width of the widest line. */
export function widest(lines: readonly string[]): number {
  return lines.reduce((most, line) => Math.max(most, stringWidth(line)), 0);
}
