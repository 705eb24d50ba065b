/**
 * Draws the console's emulator on a surface. Only its characters and colours reach a person's terminal, never its
 * bytes.
 */
import type { IBufferCell, IBufferLine, Terminal } from "@xterm/headless";
import { isUnderlined } from "../../session/character-styles.ts";
import type { CellStyle, ConsoleColor } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";

/**
 * Draws the current content of the emulator. A surface smaller than the emulator (on another person's terminal) gets
 * the part around the cursor.
 */
export function drawConsoleCells(surface: Surface, emulator: Terminal, focused: boolean): void {
  const buffer = emulator.buffer.active;
  const cursorRow = buffer.baseY + buffer.cursorY - buffer.viewportY;
  const cursorColumn = Math.min(buffer.cursorX, emulator.cols - 1);
  const top = crop(emulator.rows, surface.height, Math.min(cursorRow, emulator.rows - 1));
  const left = crop(emulator.cols, surface.width, cursorColumn);
  const cell = buffer.getNullCell();
  for (let row = 0; row < Math.min(surface.height, emulator.rows); row++) {
    const line = buffer.getLine(buffer.viewportY + top + row);
    if (line)
      drawLine(surface, row, { line, cell, left, end: Math.min(line.length, emulator.cols, left + surface.width) });
  }
  if (focused && cursorRow < emulator.rows) surface.cursor(cursorRow - top, cursorColumn - left);
}

/** The start of a range of `shown` out of `total` cells that contains `wanted`. */
function crop(total: number, shown: number, wanted: number): number {
  return Math.max(0, Math.min(wanted - shown + 1, total - shown));
}

interface Source {
  readonly line: IBufferLine;
  /** Filled by the emulator again and again, so that no object is allocated per cell. */
  readonly cell: IBufferCell;
  readonly left: number;
  readonly end: number;
}

/** Draws neighbours of the same style in one call, which does for most lines. */
function drawLine(surface: Surface, row: number, { line, cell, left, end }: Source): void {
  let text = "";
  let start = left;
  let style: CellStyle = {};
  const flush = (): void => {
    if (text.trimEnd() !== "" || style.background !== undefined || style.inverse)
      surface.put(row, start - left, text, style);
    text = "";
  };
  for (let column = left; column < end; column++) {
    if (!line.getCell(column, cell) || cell.getWidth() === 0) continue; // the second half of a wide character
    // A wide character begins a new run, so that the emulator alone decides where the next one stands.
    if (text === "" || cell.getWidth() !== 1 || !looksLike(cell, style)) {
      flush();
      start = column;
      style = styleOf(cell);
    }
    text += cell.isInvisible() ? " ".repeat(cell.getWidth()) : cell.getChars() || " ";
    if (cell.getWidth() !== 1) flush();
  }
  flush();
}

function styleOf(cell: IBufferCell): CellStyle {
  return {
    foreground: foregroundOf(cell),
    background: backgroundOf(cell),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: isUnderlined(cell),
    inverse: cell.isInverse() !== 0,
  };
}

function looksLike(cell: IBufferCell, style: CellStyle): boolean {
  return (
    foregroundOf(cell) === style.foreground &&
    backgroundOf(cell) === style.background &&
    (cell.isBold() !== 0) === style.bold &&
    (cell.isDim() !== 0) === style.dim &&
    (cell.isItalic() !== 0) === style.italic &&
    isUnderlined(cell) === style.underline &&
    (cell.isInverse() !== 0) === style.inverse
  );
}

function foregroundOf(cell: IBufferCell): ConsoleColor | undefined {
  if (cell.isFgDefault()) return undefined;
  return cell.isFgRGB() ? rgb + cell.getFgColor() : cell.getFgColor();
}

function backgroundOf(cell: IBufferCell): ConsoleColor | undefined {
  if (cell.isBgDefault()) return undefined;
  return cell.isBgRGB() ? rgb + cell.getBgColor() : cell.getBgColor();
}

/** Added to RGB in a `ConsoleColor` (terminal/draw/cell-style). */
const rgb = 0x1000000;
