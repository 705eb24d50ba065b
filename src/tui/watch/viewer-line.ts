/** The viewer's own line at the bottom: as what, whose session, which file, and the viewer's keys. */
import type { ViewMode } from "../../auth/attaching.ts";
import { stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import type { Hint } from "../views/hint-line.ts";
import { bar, barBold } from "../views/styles.ts";

export interface ViewerLineProps {
  readonly mode: ViewMode;
  /** Whose session. */
  readonly person: string;
  /** What is open there; undefined: nothing. */
  readonly file: string | undefined;
  /** The person is not there right now: has no terminal here, or is at another place with it (a teacher at the class view, or at a student). */
  readonly absence: "away" | "elsewhere" | undefined;
  /** Takes the place of the facts while it is there. */
  readonly message: string | undefined;
  readonly hints: readonly Hint[];
}

const modeWords: Readonly<Record<ViewMode, string>> = {
  watch: "◉ Watching",
  look: "◎ Looking around at",
  help: "✎ Helping",
  drive: "! You type for",
};

/** The keys are at the right, whole entries, the facts have the rest. */
export function drawViewerLine(surface: Surface, props: ViewerLineProps): void {
  surface.fill(area(0, 0, surface.width), bar);
  const facts = props.message ?? factsOf(props);
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

/** Whole entries from the last on: the last one, which leaves, is the one that must be there. */
function fitting(hints: readonly Hint[], room: number): readonly Hint[] {
  let from = hints.length;
  while (from > 0 && widthOf(hints.slice(from - 1)) <= room) from--;
  return hints.slice(from);
}

function widthOf(hints: readonly Hint[]): number {
  return hints.reduce((sum, { key, label }) => sum + stringWidth(key) + stringWidth(label) + 3, 0);
}
