/**
 * Lines of a console outside the emulator: a text, and the styles of its parts. The emulator's rows have 12 bytes for
 * each cell, blank ones too; a line here has what was printed. A line that was too long for the screen is one line.
 */
import type { CellWords } from "./emulator-cells.ts";

/** A line that was printed. */
export interface ConsoleLine {
  readonly text: string;
  /**
   * Where a style begins, as an offset in the text, and its two words (session/emulator-cells); again and again.
   * Undefined for plain text.
   */
  readonly styles: readonly number[] | undefined;
  /** Whether it has letters beyond Latin-1, which take two bytes each. */
  readonly wide: boolean;
}

/** A line without anything. */
export const emptyLine: ConsoleLine = { text: "", styles: undefined, wide: false };

/** Numbers of one style in `ConsoleLine.styles`. */
export const styleLength = 3;

const ascii = Buffer.alloc(2048);

/**
 * The line of a row of cells, without the blanks after it. `isContinued`: the next row goes on with this line, so its
 * blanks are its own.
 */
export function lineOfRow(row: CellWords, isContinued: boolean): ConsoleLine {
  const end = row.contentEnd(isContinued);
  if (end === 0) return emptyLine;
  return plainAscii(row, end) ?? styledLine(row, end);
}

/** Nearly all lines are of this kind; undefined for the others. */
function plainAscii(row: CellWords, end: number): ConsoleLine | undefined {
  if (end > ascii.length) return undefined;
  if (!row.copyPlain(ascii, 0, end)) return undefined;
  return { text: ascii.toString("latin1", 0, end), styles: undefined, wide: false };
}

/** The line of a row, of its cells before `end`, whatever they are. */
export function styledLine(row: CellWords, end: number): ConsoleLine {
  const styles: number[] = [];
  let text = "";
  let front = 0;
  let back = 0;
  let wide = false;
  for (let column = 0; column < end; column++) {
    const letters = row.letters(column);
    if (letters === "") continue; // the second half of a wide character
    if (row.front(column) !== front || row.back(column) !== back) {
      front = row.front(column);
      back = row.back(column);
      styles.push(text.length, front, back);
    }
    wide ||= letters.charCodeAt(0) > 0xff || letters.length > 1;
    text += letters;
  }
  return { text, styles: styles.length === 0 ? undefined : styles, wide };
}

/** Two parts of one line. */
export function joined(first: ConsoleLine, second: ConsoleLine): ConsoleLine {
  if (first.text === "") return second;
  if (second.text === "") return first;
  const { length } = first.text;
  const text = first.text + second.text;
  const wide = first.wide || second.wide;
  if (!first.styles && !second.styles) return { text, styles: undefined, wide };
  const styles = [...(first.styles ?? [])];
  // The second part begins plain, whatever the first ended with.
  if (first.styles && second.styles?.[0] !== 0) styles.push(length, 0, 0);
  second.styles?.forEach((word, at) => styles.push(at % styleLength === 0 ? word + length : word));
  return { text, styles, wide };
}
