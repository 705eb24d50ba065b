/**
 * The indentation of the next line, by Python's simple rules on the lexed lines around the cursor: deeper after ":",
 * back after a statement that leaves the block, aligned inside brackets. No syntax tree, which would make a keystroke
 * slow.
 */

import { countColumn } from "@codemirror/state";
import type { Line, Text } from "@codemirror/state";
import { closerOf, openBefore } from "./brackets.ts";
import { tabCells } from "./columns.ts";
import type { Highlighter } from "./highlight.ts";
import type { Language } from "./types.ts";

/** Statements that leave their block. */
const leavesBlock = /^\s*(?:return|pass|break|continue|raise)\b/;
/** Clauses that belong to an earlier statement of the same depth, with the statements they may belong to. */
const clauseRules: readonly { readonly clause: RegExp; readonly owners: RegExp }[] = [
  { clause: /^\s*else\s*:$/, owners: /^\s*(?:if|elif|for|while|try|except|async for)\b/ },
  { clause: /^\s*elif\b.*:$/, owners: /^\s*(?:if|elif)\b/ },
  { clause: /^\s*except\b.*:$/, owners: /^\s*(?:try|except)\b/ },
  { clause: /^\s*finally\s*:$/, owners: /^\s*(?:try|except|else)\b/ },
  { clause: /^\s*case\b.*:$/, owners: /^\s*case\b/ },
];
/** Most lines between a clause and its statement. */
const maxClauseLines = 400;
/** Lines that tell which unit a file uses. */
const sampleLines = 1000;

/** What Enter inserts. */
export interface NewLine {
  /** The blanks of the new line. */
  readonly indent: string;
  /**
   * The blanks of one more line, for the closer, when the cursor stands between a bracket and its closer; otherwise
   * undefined.
   */
  readonly closing: string | undefined;
}

/** The blanks at the start of a line. */
export function leadingBlanks(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? "";
}

/** The unit of a text's indentation: a tab or some spaces; 4 spaces when nothing tells. */
export function detectIndentUnit(doc: Text, language: Language): string {
  const votes = new Map<string, number>();
  let previous = "";
  let opensBlock = language === "plain";
  for (const text of doc.iterLines(1, Math.min(doc.lines, sampleLines) + 1)) {
    if (text.length > 500 || text.trim() === "") continue;
    const blanks = leadingBlanks(text);
    const step = blanks.startsWith(previous) ? blanks.slice(previous.length) : "";
    if (opensBlock && /^(?:\t| {1,8})$/.test(step)) votes.set(step, (votes.get(step) ?? 0) + 1);
    previous = blanks;
    // In Python only a block says what a unit is; lines inside brackets are aligned with what is above them.
    if (language === "python") opensBlock = /:\s*(?:#.*)?$/.test(text);
  }
  const best = [...votes].sort((a, b) => b[1] - a[1])[0];
  return best?.[0] ?? "    ";
}

/** The new line at `offset`; `unit` as from `detectIndentUnit`. */
export function newLineAt(doc: Text, highlighter: Highlighter, offset: number, unit: string): NewLine {
  const line = doc.lineAt(offset);
  const blanks = leadingBlanks(line.text.slice(0, offset - line.from));
  if (highlighter.language !== "python") return { indent: blanks, closing: undefined };
  const before = highlighter.lex(line.text.slice(0, offset - line.from), highlighter.stateAt(doc, line.number));
  if (before.open !== 0) return { indent: blanks, closing: undefined }; // inside a string
  const open = openBefore(doc, highlighter, offset);
  if (open !== undefined) return insideBracket(doc, highlighter, { open, offset, line, unit });
  const first = statementStart(doc, highlighter, line, offset);
  const base = leadingBlanks(first.number === line.number ? line.text.slice(0, offset - line.from) : first.text);
  const code = codeOf(before.text, before.marks);
  if (code.endsWith(":")) return { indent: base + unit, closing: undefined };
  if (code.endsWith("\\")) return { indent: first.number === line.number ? base + unit : blanks, closing: undefined };
  const rest = line.text.slice(offset - line.from).trim();
  if (leavesBlock.test(first.text) && (rest === "" || rest.startsWith("#")))
    return { indent: shallower(base, unit), closing: undefined };
  return { indent: base, closing: undefined };
}

/**
 * The blanks that a clause (`else:`, `except ...:`) needs when its colon has just been typed; undefined when the line
 * is no clause, belongs to no statement, or may stay where it is.
 */
export function clauseIndent(doc: Text, highlighter: Highlighter, line: Line): string | undefined {
  const clause = clauseRules.find((each) => each.clause.test(line.text));
  if (!clause || highlighter.stateAt(doc, line.number) !== 0) return undefined;
  const own = width(leadingBlanks(line.text));
  let depth = own + 1;
  for (let number = line.number - 1; number >= Math.max(1, line.number - maxClauseLines); number--) {
    const { text } = doc.line(number);
    if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
    const blanks = leadingBlanks(text);
    if (width(blanks) >= depth) continue;
    depth = width(blanks);
    if (clause.owners.test(text)) return depth === own ? undefined : blanks;
  }
  return undefined;
}

/** The blanks with one unit less. */
export function shallower(blanks: string, unit: string): string {
  if (blanks.endsWith("\t")) return blanks.slice(0, -1);
  return blanks.slice(0, Math.max(0, blanks.length - unit.length));
}

interface InBracket {
  readonly open: number;
  readonly offset: number;
  readonly line: Line;
  readonly unit: string;
}

/** Inside a bracket: one unit deeper after an opening bracket at a line's end, otherwise below its first element. */
function insideBracket(doc: Text, highlighter: Highlighter, { open, offset, line, unit }: InBracket): NewLine {
  const openLine = doc.lineAt(open);
  const base = leadingBlanks(openLine.text);
  const after = openLine.text.slice(
    open - openLine.from + 1,
    openLine.number === line.number ? offset - openLine.from : undefined,
  );
  if (after.trim() === "" || after.trimStart().startsWith("#")) {
    const closer = closerOf(doc.sliceString(open, open + 1));
    const between =
      openLine.number === line.number &&
      line.text
        .slice(offset - line.from)
        .trimStart()
        .startsWith(closer ?? " ");
    if (openLine.number === line.number || closesEarlier(doc, highlighter, line, offset))
      return { indent: base + unit, closing: between ? base : undefined };
    return { indent: leadingBlanks(line.text), closing: undefined };
  }
  if (openLine.number !== line.number && !closesEarlier(doc, highlighter, line, offset))
    return { indent: leadingBlanks(line.text), closing: undefined };
  const column =
    countColumn(openLine.text, tabCells, open - openLine.from + 1) + (after.length - after.trimStart().length);
  return { indent: " ".repeat(column), closing: undefined };
}

/**
 * Whether a bracket from an earlier line closes on this one before `offset`, so that the line's own blanks say nothing.
 */
function closesEarlier(doc: Text, highlighter: Highlighter, line: Line, offset: number): boolean {
  let depth = 0;
  for (const at of highlighter.line(doc, line.number).brackets) {
    if (line.from + at >= offset) break;
    depth += closerOf(line.text.charAt(at)) ? 1 : -1;
    if (depth < 0) return true;
  }
  return false;
}

/** The first line of the statement that ends at `offset`: before its brackets and its backslashes. */
function statementStart(doc: Text, highlighter: Highlighter, line: Line, offset: number): Line {
  let first = line;
  if (closesEarlier(doc, highlighter, line, offset)) {
    const open = openBefore(doc, highlighter, line.from);
    if (open !== undefined) first = outermost(doc, highlighter, open);
  }
  while (
    first.number > 1 &&
    doc.line(first.number - 1).text.endsWith("\\") &&
    line.number - first.number < maxClauseLines
  )
    first = doc.line(first.number - 1);
  return first;
}

function outermost(doc: Text, highlighter: Highlighter, open: number): Line {
  let line = doc.lineAt(open);
  for (
    let outer = openBefore(doc, highlighter, line.from);
    outer !== undefined;
    outer = openBefore(doc, highlighter, line.from)
  )
    line = doc.lineAt(outer);
  return line;
}

/** The code of a line without its comment. */
function codeOf(text: string, marks: readonly number[]): string {
  const comment = marks.length > 0 && marks[marks.length - 1] === 4;
  return (comment ? text.slice(0, marks[marks.length - 4] ?? 0) : text).trimEnd();
}

function width(blanks: string): number {
  return countColumn(blanks, tabCells);
}
