/** Styles of cells, in the names of the theme. */

/** A colour by its meaning. The theme maps it to true colour, 256 colours, 16 colours or none. */
export type ThemeColor =
  | "text"
  | "dim"
  | "accent"
  | "rule"
  | "title"
  | "selection"
  | "match"
  | "current-match"
  | "current-line"
  | "bracket"
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "function"
  | "type"
  | "builtin"
  | "operator"
  | "decorator"
  | "variable"
  | "error"
  | "warning"
  | "success"
  | "peer-0"
  | "peer-1"
  | "peer-2"
  | "peer-3"
  | "peer-selection"
  | "bar"
  | "bar-text"
  | "dialog"
  | "dialog-text"
  | "button";

/** A colour set by the console's program: 0 to 255 of the palette, or 0x1000000 + RGB. */
export type ConsoleColor = number;

/** The style of a cell. An omitted colour is the terminal's own, an omitted attribute is off. */
export interface CellStyle {
  readonly foreground?: ThemeColor | ConsoleColor | undefined;
  readonly background?: ThemeColor | ConsoleColor | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}
