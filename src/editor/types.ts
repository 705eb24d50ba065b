/** The words that the editor shares with whoever draws it or stores its text. */

/** What a document is written in: decides colours, indentation and which brackets and quotes close by themselves. */
export type Language = "python" | "plain";

/** How a file ends its lines. Inside the editor lines end in "\n" always. */
export type LineEnding = "\n" | "\r\n";

/** What a piece of text is. The screen's theme gives each a colour. */
export type Style =
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
  | "text";

/** A run of one style inside a line: offsets in UTF-16 units, `to` is excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly style: Style;
}

/** Offsets in UTF-16 units from the start of the document, `to` is excluded. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Where the cursor is for a person: both count from 1, the column in terminal cells (a tab takes up to 4, a wide character 2). */
export interface CursorPosition {
  readonly line: number;
  readonly column: number;
}

/** What cut and copy took. A whole line (taken when nothing was selected) is pasted above the cursor's line. */
export interface Clip {
  readonly text: string;
  readonly wholeLine: boolean;
}

/** What a command needs to know about the screen that it was given on. */
export interface EditorContext {
  /** How many lines a page has: the height of the viewport. */
  readonly pageLines: number;
}

export interface DocumentSize {
  readonly characters: number;
  readonly lines: number;
  /** Of the lines that were changed, the longest one's characters. */
  readonly maxLine: number;
}
