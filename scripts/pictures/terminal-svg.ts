/** A terminal's screen as an SVG picture: text stays text, and every cell is where the terminal has it, whatever font is there. */
import type { CellColor, CellView, CursorView } from "../../test/support/emulator.ts";

/** What is drawn. `TerminalClient` and `Emulator` are such. */
export interface PicturedScreen {
  readonly size: { readonly columns: number; readonly rows: number };
  cell(row: number, column: number): CellView;
  cursor(): CursorView;
}

/** The terminal's own colours, "#rrggbb". */
export interface OwnColors {
  readonly foreground: string;
  readonly background: string;
}

/** A stretch of a row that looks the same from its first cell to its last. */
interface Run {
  readonly cells: PlacedCell[];
  readonly style: Style;
}

interface PlacedCell extends CellView {
  readonly column: number;
}

interface Style {
  readonly foreground: string;
  readonly background: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}

/** In pixels of the picture at its natural size. */
const cellWidth = 8.4;
const cellHeight = 18;
const fontSize = 14;
const baseline = 13.5;
const margin = 14;

const ansi16 = [
  "#1c1f26",
  "#e06c75",
  "#7fd88f",
  "#f2c55c",
  "#6cb6ff",
  "#c99bf5",
  "#7fdbca",
  "#d8dde8",
  "#5c6370",
  "#ff7b7b",
  "#98e6a5",
  "#ffd787",
  "#8ac6ff",
  "#dbb6ff",
  "#a0ece0",
  "#ffffff",
] as const;

/** Fonts differ in how they join lines, so these are drawn: to the left, right, top and bottom of their cell. */
type Side = "l" | "r" | "t" | "b";
const lines: Readonly<Record<string, readonly Side[]>> = {
  "─": ["l", "r"],
  "│": ["t", "b"],
  "┌": ["r", "b"],
  "┐": ["l", "b"],
  "└": ["r", "t"],
  "┘": ["l", "t"],
  "├": ["r", "t", "b"],
  "┤": ["l", "t", "b"],
  "┬": ["l", "r", "b"],
  "┴": ["l", "r", "t"],
  "┼": ["l", "r", "t", "b"],
  "╭": ["r", "b"],
  "╮": ["l", "b"],
  "╰": ["r", "t"],
  "╯": ["l", "t"],
};

/** An SVG document. `title` is what somebody hears who can't see it. */
export function terminalSvg(screen: PicturedScreen, own: OwnColors, title: string): string {
  const { columns, rows } = screen.size;
  const width = round(columns * cellWidth + 2 * margin);
  const height = rows * cellHeight + 2 * margin;
  const body = Array.from({ length: rows }, (_, row) => drawRow(runsOf(screen, row, own), row, own)).flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${own.background}"/>`,
    `<g font-family="'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace" font-size="${fontSize}" fill="${own.foreground}" xml:space="preserve">`,
    ...body,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function runsOf(screen: PicturedScreen, row: number, own: OwnColors): readonly Run[] {
  const runs: Run[] = [];
  const cursor = screen.cursor();
  for (let column = 0; column < screen.size.columns; column++) {
    const cell = screen.cell(row, column);
    if (cell.width === 0) continue; // the second half of a wide character
    const last = runs.at(-1);
    const seen = styleOf(cell, own, cursor.visible && cursor.row === row && cursor.column === column);
    const style = cell.text.trim() === "" && !cell.underline ? blankStyle(seen.background, own, last?.style) : seen;
    if (last && isSame(last.style, style)) last.cells.push({ ...cell, column });
    else runs.push({ cells: [{ ...cell, column }], style });
  }
  return runs;
}

function styleOf(cell: CellView, own: OwnColors, isCursor: boolean): Style {
  const front = colorOf(cell.foreground, own.foreground);
  const back = colorOf(cell.background, own.background);
  const { bold, italic, underline } = cell;
  if (isCursor) return { foreground: own.background, background: own.foreground, bold, italic, underline };
  const [foreground, background] = cell.inverse ? [back, front] : [front, back];
  return { foreground: cell.dim ? mixed(foreground, background) : foreground, background, bold, italic, underline };
}

/** Nobody sees what colour a blank would write in; which one it has depends on what was drawn there before. */
function blankStyle(background: string, own: OwnColors, before: Style | undefined): Style {
  if (before?.background === background && !before.underline) return before;
  return { foreground: own.foreground, background, bold: false, italic: false, underline: false };
}

function isSame(a: Style, b: Style): boolean {
  return (
    a.foreground === b.foreground &&
    a.background === b.background &&
    a.bold === b.bold &&
    a.italic === b.italic &&
    a.underline === b.underline
  );
}

function drawRow(runs: readonly Run[], row: number, own: OwnColors): readonly string[] {
  const top = margin + row * cellHeight;
  const backgrounds = runs
    .filter(({ style }) => style.background !== own.background)
    .map(
      ({ cells, style }) =>
        `<rect x="${x(firstOf(cells))}" y="${top}" width="${lengthOf(cells)}" height="${cellHeight}" fill="${style.background}"/>`,
    );
  return [...backgrounds, ...runs.flatMap((run) => [...drawLines(run, top), ...drawText(run, top, own)])];
}

/** Each stretch says how long it is, so that it ends where its cells do, whatever the font. */
function drawText(run: Run, top: number, own: OwnColors): readonly string[] {
  const { foreground, bold, italic, underline } = run.style;
  const looks = [
    foreground === own.foreground ? "" : ` fill="${foreground}"`,
    bold ? ' font-weight="bold"' : "",
    italic ? ' font-style="italic"' : "",
    underline ? ' text-decoration="underline"' : "",
  ].join("");
  return stretchesOf(run.cells).map((cells) => {
    const text = escaped(cells.map(letterOf).join(""));
    return `<text x="${x(firstOf(cells))}" y="${top + baseline}" textLength="${lengthOf(cells)}" lengthAdjust="spacingAndGlyphs"${looks}>${text}</text>`;
  });
}

/** What is to be written of a run: it begins and ends with a letter, and nowhere has two blanks in a row. */
function stretchesOf(cells: readonly PlacedCell[]): readonly (readonly PlacedCell[])[] {
  const stretches: PlacedCell[][] = [];
  let blanks: PlacedCell[] = [];
  for (const cell of cells) {
    const last = stretches.at(-1);
    if (letterOf(cell) === " ") blanks.push(cell);
    else if (last && blanks.length < 2) last.push(...blanks.splice(0), cell);
    else {
      stretches.push([cell]);
      blanks = [];
    }
  }
  return stretches;
}

function drawLines({ cells, style }: Run, top: number): readonly string[] {
  const path = cells.map(({ text, column }) => linePath(lines[text] ?? [], column, top)).join("");
  return path === "" ? [] : [`<path d="${path}" stroke="${style.foreground}" fill="none"/>`];
}

function linePath(sides: readonly Side[], column: number, top: number): string {
  const middle = round(margin + (column + 0.5) * cellWidth);
  const centre = top + cellHeight / 2;
  const ends: Readonly<Record<Side, string>> = {
    l: `${x(column)} ${centre}`,
    r: `${x(column + 1)} ${centre}`,
    t: `${middle} ${top}`,
    b: `${middle} ${top + cellHeight}`,
  };
  return sides.map((side) => `M${middle} ${centre}L${ends[side]}`).join("");
}

/** What is written in a cell; lines are drawn instead. */
function letterOf({ text }: CellView): string {
  return text === "" || text in lines ? " " : text;
}

function firstOf(cells: readonly PlacedCell[]): number {
  return cells[0]?.column ?? 0;
}

/** In pixels. */
function lengthOf(cells: readonly PlacedCell[]): number {
  return round(cells.reduce((sum, { width }) => sum + width, 0) * cellWidth);
}

function colorOf(color: CellColor, own: string): string {
  if (color === "default") return own;
  if (typeof color === "string") return color;
  return ansi16[color] ?? cubeColor(color);
}

/** xterm's colours 16 to 255. */
function cubeColor(index: number): string {
  if (index >= 232) return hex([8, 8, 8].map((base) => base + (index - 232) * 10));
  const cube = index - 16;
  return hex(
    [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => (step === 0 ? 0 : 55 + step * 40)),
  );
}

function mixed(color: string, other: string): string {
  const others = channelsOf(other);
  return hex(channelsOf(color).map((channel, index) => Math.round(channel * 0.6 + (others[index] ?? 0) * 0.4)));
}

function channelsOf(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function hex(channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function x(column: number): number {
  return round(margin + column * cellWidth);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
