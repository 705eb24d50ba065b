/** Styles as numbers, so that a grid is a few flat arrays. */
import type { CellStyle, ConsoleColor, ThemeColor } from "./cell-style.ts";

/** All theme colours. The index in this list is the colour's number in cells. */
export const themeColors = [
  "text",
  "dim",
  "accent",
  "rule",
  "title",
  "selection",
  "match",
  "current-match",
  "current-line",
  "bracket",
  "keyword",
  "string",
  "number",
  "comment",
  "function",
  "type",
  "builtin",
  "operator",
  "decorator",
  "variable",
  "error",
  "warning",
  "success",
  "peer-0",
  "peer-1",
  "peer-2",
  "peer-3",
  "peer-selection",
  "bar",
  "bar-text",
  "dialog",
  "dialog-text",
  "button",
] as const satisfies readonly ThemeColor[];

/** A colour in a cell: 0 to 255 for the palette, 0x1000000 + RGB, `defaultColor`, or above that a theme colour. */
export type ColorCode = number;

/** Added to an RGB value to make its colour code. */
export const rgbBase = 0x1000000;
/** The code of the terminal's own foreground or background. */
export const defaultColor: ColorCode = 0x2000000;

const themeCodes: ReadonlyMap<ThemeColor, ColorCode> = new Map(
  themeColors.map((name, index) => [name, defaultColor + 1 + index]),
);

/** The code of a colour; `defaultColor` for undefined and for numbers that are no colour. */
export function colorCode(color: ThemeColor | ConsoleColor | undefined): ColorCode {
  if (color === undefined) return defaultColor;
  if (typeof color === "string") return themeCodes.get(color) ?? defaultColor;
  return color >= 0 && color < defaultColor && Number.isInteger(color) ? color : defaultColor;
}

/** The theme colour of a code; undefined for palette colours, RGB and the default. */
export function themeColorOf(code: ColorCode): ThemeColor | undefined {
  return code > defaultColor ? themeColors[code - defaultColor - 1] : undefined;
}

/** Attributes of a cell, as bits of one byte. */
export const attribute = { bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16 } as const;

/** All of them. */
export const attributeMask = 31;

/** The attributes of a style, as bits. */
export function attributeBits(style: CellStyle): number {
  return (
    (style.bold ? attribute.bold : 0) |
    (style.dim ? attribute.dim : 0) |
    (style.italic ? attribute.italic : 0) |
    (style.underline ? attribute.underline : 0) |
    (style.inverse ? attribute.inverse : 0)
  );
}
