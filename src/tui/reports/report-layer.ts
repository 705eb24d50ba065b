/** Draws a report between header and hints, and turns keys and the mouse into commands. */
import { endKeys, lineKeys, pageKeys } from "../../commands/keys/list-keys.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { area } from "../views/area.ts";
import { drawHeader } from "../views/header.ts";
import { drawHintLine, hintAt } from "../views/hint-line.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import { ScrollList, scrolledLines } from "../views/scroll-list.ts";
import { drawStatusLine, type StatusNotice } from "../views/status-line.ts";
import { drawTooSmall } from "../views/too-small.ts";
import type { ReportPage } from "./report-page.ts";

/** What the layer shows, and whom it asks. */
export interface ReportLayerOptions {
  readonly report: ReportPage;
  readonly course: string;
  readonly user: string;
  /** The time of day: "10:41". */
  readonly clock: () => string;
  readonly notice: () => StatusNotice | undefined;
  /** A fact for the status line: when the figures were read. */
  readonly fact: () => string;
  /** Takes the command of a key that does not scroll; undefined for a key without a meaning, which ends a notice too. */
  readonly command: (command: string | undefined) => void;
}

/** Lines for a turn of the wheel. */
const wheelLines = 3;

/** A report's layer: the whole screen below its dialogs. */
export class ReportLayer implements Layer {
  readonly #options: ReportLayerOptions;
  readonly #list = new ScrollList();
  #rows = 0;
  #visible = 1;
  #size = { width: 0, height: 0 };

  constructor(options: ReportLayerOptions) {
    this.#options = options;
  }

  draw(surface: Surface): void {
    const { width, height } = surface;
    this.#size = { width, height };
    if (isTooSmallForIde({ columns: width, rows: height })) return drawTooSmall(surface);
    const { report, course, user, clock, notice, fact } = this.#options;
    drawHeader(surface.part(area(0, 0, width)), { course, user, viewers: 0, clock: clock(), mode: report.title });
    const { rows, visible } = report.draw(surface.part(area(1, 0, width, height - 3)), this.#list);
    this.#rows = rows;
    this.#visible = Math.max(1, visible);
    const more = rows > visible ? [`${this.#list.top + 1} to ${this.#list.top + visible} of ${rows}`] : [];
    drawStatusLine(surface.part(area(height - 2, 0, width)), { left: [fact()], right: more, notice: notice() });
    drawHintLine(surface.part(area(height - 1, 0, width)), report.hints);
  }

  handle(event: InputEvent): boolean {
    switch (event.kind) {
      case "key":
        this.#press(event.name);
        return true;
      case "text":
        // Characters that arrive together are still separate keys.
        for (const text of event.text) this.#press(pressedKey({ kind: "text", text }));
        return true;
      case "mouse":
        if (event.action === "wheel-up") this.#scroll(-wheelLines);
        else if (event.action === "wheel-down") this.#scroll(wheelLines);
        else if (event.action === "press") this.#click(event.row, event.column);
        return true;
      case "paste":
        return true;
      case "focus":
        return false;
      default:
        return event satisfies never;
    }
  }

  #press(key: string | undefined): void {
    const moved = lineKeys.commandFor(key) ?? pageKeys.commandFor(key) ?? endKeys.commandFor(key);
    if (moved) this.#scroll(scrolledLines(moved, this.#rows, this.#visible));
    else this.#options.command(this.#options.report.keys.commandFor(key));
  }

  #click(row: number, column: number): void {
    if (row !== this.#size.height - 1) return;
    const { report, command } = this.#options;
    const at = hintAt(report.hints, this.#size.width, column);
    const hint = report.hints[at ?? -1];
    const binding = hint && report.keys.bindings.find((each) => each.hint === hint.label);
    if (binding) command(binding.command);
  }

  #scroll(lines: number): void {
    this.#list.scroll(lines, this.#rows, this.#visible);
  }
}
