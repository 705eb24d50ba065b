/** The viewer's line at the bottom: the mode, whose session it is, which file is open, and the viewer's keys. */
import type { ViewMode } from "../../auth/attaching.ts";
import { stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import type { Hint } from "../views/hint-line.ts";
import { bar, barBold } from "../views/styles.ts";

/** What the line shows. */
export interface ViewerLineProps {
  readonly mode: ViewMode;
  /** The owner's name. */
  readonly person: string;
  /** The name of the file that is open there; undefined when none is. */
  readonly file: string | undefined;
  /**
   * Set when the owner is not there: has no terminal here ("away"), or is on another screen with it ("elsewhere", such
   * as a teacher in the class view).
   */
  readonly absence: "away" | "elsewhere" | undefined;
  /** Shown instead of the facts. */
  readonly notice: string | undefined;
  readonly hints: readonly Hint[];
}

const modeWords: Readonly<Record<ViewMode, string>> = {
  watch: "◉ Watching",
  look: "◎ Looking around at",
  help: "✎ Helping",
  drive: "! You type for",
};

/** Draws the line: the keys at the right, whole ones only, and the facts in the remaining room. */
export function drawViewerLine(surface: Surface, props: ViewerLineProps): void {
  surface.fill(area(0, 0, surface.width), bar);
  const facts = props.notice ?? factsOf(props);
  const shown = fitting(props.hints, Math.max(surface.width - stringWidth(facts) - 4, Math.floor(surface.width / 2)));
  const width = widthOf(shown);
  surface.put(0, 1, fitEnd(facts, Math.max(0, surface.width - width - 3)), barBold);
  let column = surface.width - width;
  for (const { key, label } of shown) {
    column += surface.put(0, column, `${key} `, barBold);
    column += surface.put(0, column, `${label}  `, bar);
  }
}

function factsOf({ mode, person, file, absence }: ViewerLineProps): string {
  const where = absence ? ` · ${absence}; waiting` : file === undefined ? "" : ` · ${file}`;
  return `${modeWords[mode]} ${person}${where}`;
}

/** The last hints that fit whole; the very last one, which leaves, always does. */
function fitting(hints: readonly Hint[], room: number): readonly Hint[] {
  let from = hints.length;
  while (from > 0 && widthOf(hints.slice(from - 1)) <= room) from--;
  return hints.slice(from);
}

function widthOf(hints: readonly Hint[]): number {
  return hints.reduce((sum, { key, label }) => sum + stringWidth(key) + stringWidth(label) + 3, 0);
}
