/** Pairs of brackets in the code around the cursor. Brackets in strings and comments don't count. */

import type { Text } from "@codemirror/state";
import type { Highlighter } from "./highlight.ts";
import { startState } from "./lexer-state.ts";
import type { LexedLine } from "./lexer.ts";

/** Most lines that a pair may span: more would make a keystroke slow, and is not visible on a screen anyway. */
const maxPairLines = 300;
/** Lines lexed at a time: most brackets have their partner near. */
const chunkLines = 16;
/**
 * A line that begins a statement at the left margin: no bracket is open there, so it is pointless to search further
 * back.
 */
const statementPattern = /^(?:def|class|import|from|if|for|while|with|try|async|@|\w+ = )/;

/** Closers by their openers. */
const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const openers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** A pair of matching brackets. */
export interface BracketPair {
  /** The offsets of the two characters. */
  readonly open: number;
  readonly close: number;
}

/** The closer of an opening bracket; undefined for any other character. */
export function closerOf(opener: string): string | undefined {
  return closers[opener];
}

/** The opener of a closing bracket; undefined for any other character. */
export function openerOf(closer: string): string | undefined {
  return openers[closer];
}

/** The pair of the bracket before the cursor, or else of the one after it; undefined when there is none. */
export function pairAt(doc: Text, highlighter: Highlighter, head: number): BracketPair | undefined {
  const line = doc.lineAt(head);
  const inside = head - line.from;
  for (const offset of [inside - 1, inside]) {
    const character = line.text.charAt(offset);
    if (!(character in closers) && !(character in openers)) continue;
    if (!highlighter.line(doc, line.number).brackets.includes(offset)) continue;
    const pair =
      character in closers
        ? findClose(doc, highlighter, line.from + offset)
        : pairBehind(doc, highlighter, line.from + offset);
    if (pair) return pair;
  }
  return undefined;
}

/** The offset of the innermost bracket that is open at an offset; undefined when none is. */
export function openBefore(doc: Text, highlighter: Highlighter, offset: number): number | undefined {
  const last = doc.lineAt(offset).number;
  const stack: string[] = [];
  for (let to = last; to > Math.max(0, last - maxPairLines); to -= chunkLines) {
    const first = Math.max(1, to - chunkLines + 1);
    const lines = highlighter.lines(doc, first, to);
    let end = doc.line(to).to;
    for (let i = lines.length - 1; i >= 0; i--) {
      const line = lines[i];
      if (!line) continue;
      const from = end - line.text.length;
      const found = openInLine(line, offset - from, stack);
      if (found !== undefined) return found < 0 ? undefined : from + found;
      if (stack.length === 0 && line.start === startState && statementPattern.test(line.text)) return undefined;
      end = from - 1;
    }
  }
  return undefined;
}

/**
 * The offset of the bracket that the stack's closers leave open; -1 when brackets don't match, undefined to search
 * further back.
 */
function openInLine(line: LexedLine, before: number, stack: string[]): number | undefined {
  const { brackets, text } = line;
  for (let i = brackets.length - 1; i >= 0; i--) {
    const at = brackets[i] ?? 0;
    if (at >= before) continue;
    const character = text.charAt(at);
    if (character in openers) stack.push(character);
    else if (stack.length === 0) return at;
    else if (stack.pop() !== closers[character]) return -1;
  }
  return undefined;
}

function pairBehind(doc: Text, highlighter: Highlighter, close: number): BracketPair | undefined {
  const open = openBefore(doc, highlighter, close);
  if (open === undefined || closers[doc.sliceString(open, open + 1)] !== doc.sliceString(close, close + 1))
    return undefined;
  return { open, close };
}

function findClose(doc: Text, highlighter: Highlighter, open: number): BracketPair | undefined {
  const first = doc.lineAt(open);
  const stack: string[] = [];
  const last = Math.min(doc.lines, first.number + maxPairLines);
  let { from } = first;
  for (let number = first.number; number <= last; number += chunkLines) {
    for (const line of highlighter.lines(doc, number, Math.min(last, number + chunkLines - 1))) {
      for (const at of line.brackets) {
        if (from + at < open) continue;
        const character = line.text.charAt(at);
        if (character in closers) stack.push(character);
        else if (stack.pop() !== openers[character]) return undefined;
        if (stack.length === 0) return { open, close: from + at };
      }
      from += line.text.length + 1;
    }
  }
  return undefined;
}
