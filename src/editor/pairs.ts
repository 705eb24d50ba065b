/**
 * Brackets and quotes that close by themselves without getting in a beginner's way: only in code, only where nothing
 * follows that the closer would enclose, and typing the closer steps over it.
 */

import { EditorSelection } from "@codemirror/state";
import type { ChangeSpec, EditorState, SelectionRange, TransactionSpec } from "@codemirror/state";
import { closerOf, openerOf } from "./brackets.ts";
import type { Highlighter } from "./highlight.ts";
import { quoteOf, StringState } from "./lexer-state.ts";
import type { LexedLine } from "./lexer.ts";

/** Characters that do more than insert themselves. */
export const pairCharacters = /[()[\]{}"']/;
/** What may follow an added closer; before anything else the person encloses something by hand. */
const freeAfter = /^(?:$|[\s)\]},:;.=])/;

interface PairContext {
  readonly character: string;
  /** The line up to the cursor, and after it. */
  readonly before: LexedLine;
  readonly after: string;
  /** The whole line. */
  readonly line: LexedLine;
}

/** What typing does at one cursor: text before and after the new cursor, or a step over `skip` characters. */
interface Typed {
  readonly left: string;
  readonly right: string;
  readonly skip: number;
}

/** The transaction for typing one of the pair characters at every cursor. */
export function typePair(state: EditorState, highlighter: Highlighter, character: string): TransactionSpec {
  return state.changeByRange((range) => {
    if (!range.empty) return wrap(range, character);
    const { left, right, skip } = typed(placeAt(state, highlighter, range.head, character));
    const cursor = EditorSelection.cursor(range.head + skip + left.length);
    return left === "" ? { range: cursor } : { changes: { from: range.head, insert: left + right }, range: cursor };
  });
}

/** Whether the cursor stands in an empty pair, so that backspace deletes both. */
export function insideEmptyPair(state: EditorState, highlighter: Highlighter, head: number): boolean {
  const around = state.sliceDoc(Math.max(0, head - 1), head + 1);
  if (around.length !== 2 || !pairCharacters.test(around)) return false;
  const before = placeAt(state, highlighter, head - 1, "").before;
  if (before.open !== 0 || before.comment) return false;
  const first = around.charAt(0);
  return closerOf(first) === around.charAt(1) || ((first === '"' || first === "'") && around.charAt(1) === first);
}

function placeAt(state: EditorState, highlighter: Highlighter, head: number, character: string): PairContext {
  const { from, text, number } = state.doc.lineAt(head);
  const start = highlighter.stateAt(state.doc, number);
  return {
    character,
    before: highlighter.lex(text.slice(0, head - from), start),
    after: text.slice(head - from),
    line: highlighter.lex(text, start),
  };
}

function typed(context: PairContext): Typed {
  const { character, before } = context;
  if (before.comment) return plain(character);
  if (character === '"' || character === "'") return before.open === 0 ? quoteInCode(context) : quoteInString(context);
  if (before.open !== 0) return plain(character);
  const closer = closerOf(character);
  return closer === undefined ? closing(context) : opening(context, closer);
}

function opening({ character, after, line }: PairContext, closer: string): Typed {
  if (!freeAfter.test(after) || balance(line, character, closer) < 0) return plain(character);
  return { left: character, right: closer, skip: 0 };
}

/** Steps over the same closer, unless the line lacks one. */
function closing({ character, after, line }: PairContext): Typed {
  const opener = openerOf(character) ?? "";
  if (!after.startsWith(character) || balance(line, opener, character) > 0) return plain(character);
  return { left: "", right: "", skip: 1 };
}

function quoteInCode({ character, before, after }: PairContext): Typed {
  const text = before.text;
  if (text.endsWith(character + character) && !text.endsWith(character.repeat(3)) && !after.startsWith(character)) {
    return { left: character, right: character.repeat(3), skip: 0 }; // the third quote of a string over several lines
  }
  const prefix = /(?:^|[^\w])(?:[rubf]|br|rb|fr|rf)$/i.test(text);
  if ((!prefix && /[\w"']$/.test(text)) || !freeAfter.test(after)) return plain(character);
  return { left: character, right: character, skip: 0 };
}

/** A quote that ends the string steps over the one that is there. */
function quoteInString({ character, before, after }: PairContext): Typed {
  if (character !== quoteOf(before.open) || !after.startsWith(character)) return plain(character);
  const escaped = (/\\*$/.exec(before.text)?.[0].length ?? 0) % 2 === 1;
  if (escaped) return plain(character);
  // In a string over several lines a lone quote is text; only three of them end it.
  const delimiter = before.open & StringState.triple ? 3 : 1;
  const ahead = /^(["'])\1*/.exec(after)?.[0].length ?? 0;
  const behind = before.text.length - before.text.replace(/(["'])\1*$/, "").length;
  return ahead + (delimiter === 3 ? behind : 0) >= delimiter ? { left: "", right: "", skip: 1 } : plain(character);
}

/** Openers minus closers of one kind in the code of a line. */
function balance(line: LexedLine, opener: string, closer: string): number {
  let open = 0;
  for (const at of line.brackets) {
    const character = line.text.charAt(at);
    if (character === opener) open++;
    else if (character === closer) open--;
  }
  return open;
}

function plain(character: string): Typed {
  return { left: character, right: "", skip: 0 };
}

/** Encloses the selection in a pair and keeps it selected; any other character replaces it. */
function wrap(range: SelectionRange, character: string): { changes: ChangeSpec; range: SelectionRange } {
  const closer = closerOf(character) ?? (character === '"' || character === "'" ? character : undefined);
  if (closer === undefined) {
    return {
      changes: { from: range.from, to: range.to, insert: character },
      range: EditorSelection.cursor(range.from + 1),
    };
  }
  return {
    changes: [
      { from: range.from, insert: character },
      { from: range.to, insert: closer },
    ],
    range: EditorSelection.range(range.anchor + 1, range.head + 1),
  };
}
