import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { wrap } from "../../base/wrap.ts";
import { fitEnd } from "./fit.ts";
import { dim, error, plain, success, warning } from "./styles.ts";

/** The kind of a notice; decides its sign and colour. */
export type NoticeKind = "info" | "success" | "warning" | "error";

/** A sentence for the person: what happened, and what to do. */
export interface StatusNotice {
  readonly kind: NoticeKind;
  readonly text: string;
  /** Whether it stays until the next key, as an error does. */
  readonly stays?: boolean;
}

/** A fact of the status line. `short` is for lines without room for all of it, and empty for what can be left out. */
export type StatusFact = string | { readonly text: string; readonly short: string };

/** What the status line shows. */
export interface StatusProps {
  /** Facts about the pane in focus, most useful first: "Ln 6, Col 1", "saved 10:40". */
  readonly left: readonly StatusFact[];
  /** Facts that seldom change: "UTF-8". */
  readonly right: readonly StatusFact[];
  /** Shown instead of the facts. */
  readonly notice: StatusNotice | undefined;
}

const gap = "   ";
/** Least columns to which a fact is cut. */
const minCutColumns = 4;
/** Most rows of a notice, so that it does not cover the work. */
const maxRows = 3;

/** Rows that a notice needs, at least 1: a sentence that says what to do must be readable to its end. */
export function noticeRows(notice: StatusNotice | undefined, width: number): number {
  return notice ? noticeLines(notice, width).length : 1;
}

/** Draws the line above the hints, or the rows of a long notice. */
export function drawStatusLine(surface: Surface, props: StatusProps): void {
  if (props.notice) return drawNotice(surface, props.notice);
  const facts = [...props.left, ...props.right];
  const texts = fitFacts(facts, surface.width - 2, (fitting) => rowWidth(fitting, props.left.length));
  let column = 1;
  for (const part of texts.slice(0, props.left.length).filter(isShown)) {
    surface.put(0, column, part, column === 1 ? plain : dim);
    column += stringWidth(part) + gap.length;
  }
  const right = texts.slice(props.left.length).filter(isShown).join(gap);
  surface.put(0, surface.width - 1 - stringWidth(right), right, dim);
}

/**
 * The facts in at most `room` columns: first without those that can be left out, then in their short form, then with
 * the longest ones cut.
 */
function fitFacts(
  facts: readonly StatusFact[],
  room: number,
  widthOf: (texts: readonly string[]) => number,
): readonly string[] {
  const texts = facts.map((fact) => (typeof fact === "string" ? fact : fact.text));
  const shorten = (which: (short: string) => boolean): void => {
    for (const [index, fact] of [...facts.entries()].toReversed()) {
      if (widthOf(texts) > room && typeof fact !== "string" && which(fact.short)) texts[index] = fact.short;
    }
  };
  shorten((short) => short === "");
  shorten((short) => short !== "");
  while (widthOf(texts) > room) {
    const longest = Math.max(...texts.map(stringWidth));
    if (longest <= minCutColumns) break;
    const index = texts.findLastIndex((text) => stringWidth(text) === longest);
    texts[index] = fitEnd(texts[index] ?? "", longest - 1);
  }
  return texts;
}

/** Columns that facts take, the first `leftCount` of them at the left. */
function rowWidth(texts: readonly string[], leftCount: number): number {
  const left = texts.slice(0, leftCount).filter(isShown).join(gap);
  const right = texts.slice(leftCount).filter(isShown).join(gap);
  return stringWidth(left) + (left !== "" && right !== "" ? gap.length : 0) + stringWidth(right);
}

function isShown(text: string): boolean {
  return text !== "";
}

function drawNotice(surface: Surface, notice: StatusNotice): void {
  const style = styles[notice.kind];
  const column = 1 + surface.put(0, 1, signs[notice.kind], style);
  for (const [row, line] of noticeLines(notice, surface.width).entries()) {
    surface.put(row, column, line, notice.kind === "error" ? style : plain);
  }
}

function noticeLines({ kind, text }: StatusNotice, width: number): readonly string[] {
  const room = Math.max(1, width - stringWidth(signs[kind]) - 2);
  const lines = wrap(text, room);
  if (lines.length <= maxRows) return lines;
  return [...lines.slice(0, maxRows - 1), fitEnd(lines.slice(maxRows - 1).join(" "), room)];
}

/** A sign for each kind, so that nobody depends on colours. */
const signs: Readonly<Record<NoticeKind, string>> = { info: "", success: "✓ ", warning: "! ", error: "✗ " };
const styles = { info: plain, success, warning, error } as const;
