/** Types that the editor shares with what draws it or stores its text. */

/** The language of a document: decides about colours, indentation, and brackets and quotes that close by themselves. */
export type Language = "python" | "plain";

/** The line ending of a file. Inside the editor lines always end in "\n". */
export type LineEnding = "\n" | "\r\n";

/** The meaning of a piece of text. The screen's theme gives each a colour. */
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

/** A run of one style in a line: offsets in UTF-16 units, `to` excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly style: Style;
}

/** A range of a document: offsets in UTF-16 units, `to` excluded. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The cursor's position for a person: both from 1, the column in terminal cells (a tab takes up to 4, a wide character
 * 2).
 */
export interface CursorPosition {
  readonly line: number;
  readonly column: number;
}

/** What was cut or copied. A whole line (when nothing was selected) is pasted above the cursor's line. */
export interface Clip {
  readonly text: string;
  readonly wholeLine: boolean;
}

/** What a command needs to know about the screen on which it was given. */
export interface EditorContext {
  /** Lines of a page: the height of the viewport. */
  readonly pageLines: number;
}

/** The size of a document after an edit. */
export interface DocumentSize {
  readonly characters: number;
  readonly lines: number;
  /** The length of the longest changed line, in characters. */
  readonly maxLine: number;
}
