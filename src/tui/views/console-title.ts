import { counted } from "../../base/counted.ts";
import { stringWidth } from "../../base/width.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { fitEnd } from "./fit.ts";
import { dim, rule, success, title, titleFocused, warning } from "./styles.ts";

/** What the title says. */
export interface ConsoleTitleProps {
  readonly focused: boolean;
  /** Which console of how many it is, from 1. */
  readonly number: number;
  readonly count: number;
  /** The name of the file that was run last; empty before the first run. */
  readonly program: string;
  /** For whom a program runs, when not for the person: "as ada, on a copy". */
  readonly runsAs?: string | undefined;
  readonly activity: "starting" | "running" | "prompt" | "failed" | "ended" | "off";
  /** Whether the program waits at a step. */
  readonly stopped: boolean;
  /** Seconds since the program was started. */
  readonly runningSeconds: number;
  /** The key that stops the program from where the person is; undefined when none does. */
  readonly stopKey: string | undefined;
  /** What somebody reads who has gone back; undefined at the newest output. */
  readonly reading: ReadingState | undefined;
}

/** Reading older output. */
export interface ReadingState {
  /** Lines that came meanwhile. */
  readonly unseen: number;
  /** Whether something is selected. */
  readonly selected: boolean;
}

/** Draws the horizontal rule with the console's title and what the console is doing. */
export function drawConsoleTitle(surface: Surface, props: ConsoleTitleProps): void {
  surface.put(0, 0, "─".repeat(surface.width), rule);
  const state = stateOf(props);
  let column = 1 + surface.put(0, 1, titleOf(props), props.focused ? titleFocused : title);
  const program = props.program === "" ? withoutFile(props) : props.program;
  const aside = props.runsAs === undefined ? "" : ` ${props.runsAs}`;
  const columnOf = (text: string): number => surface.width - stringWidth(text) - 4;
  const roomBefore = (text: string): number => columnOf(text) - column - 4;
  // The keys stand in the line of hints as well; for whom a program runs, and whether it does, only here.
  const isTight = aside !== "" && roomBefore(state.text) < stringWidth(program) + stringWidth(aside);
  const text = isTight ? state.text.replace(/ · .*$/, "") : state.text;
  const stateColumn = columnOf(text);
  const room = roomBefore(text);
  if (room > 4) {
    const style = props.program === "" || !props.focused ? dim : {};
    // The file's name is cut rather than the person's: for whom a program runs must not be overlooked.
    const shown = fitEnd(program, Math.max(4, room - stringWidth(aside)));
    column += surface.put(0, column, ` ${shown}`, style);
    if (aside !== "") column += surface.put(0, column, fitEnd(aside, Math.max(0, stateColumn - column - 1)), warning);
    column += surface.put(0, column, " ", style);
  }
  if (stateColumn >= column) surface.put(0, stateColumn, ` ${text} `, state.style);
}

function titleOf({ number, count }: ConsoleTitleProps): string {
  return count > 1 ? ` CONSOLE ${number} of ${count} ` : " CONSOLE ";
}

function withoutFile({ count }: ConsoleTitleProps): string {
  return count > 1 ? "Python, without a file" : "Press F5 to run your program";
}

function stateOf(props: ConsoleTitleProps): { readonly text: string; readonly style: CellStyle } {
  if (props.reading) return { text: readingText(props.reading), style: warning };
  switch (props.activity) {
    case "starting":
      return { text: "starting…", style: dim };
    case "running":
      return props.stopped ? { text: "at a step", style: dim } : { text: running(props), style: success };
    case "prompt":
      return { text: "ready", style: dim };
    case "failed":
      return { text: "ended · Enter opens its prompt", style: dim };
    case "ended":
    case "off":
      return { text: "ended · Enter starts Python", style: dim };
    default:
      return props.activity satisfies never;
  }
}

function readingText({ unseen }: ReadingState): string {
  return unseen > 0 ? `▼ ${counted(unseen, "new line")} · Esc shows them` : "↑ older output · Esc returns";
}

/**
 * The text for a running program. After a while it says how to end it. It has no seconds, because time spent waiting
 * for input does not count towards the limit.
 */
function running({ runningSeconds, stopKey }: ConsoleTitleProps): string {
  return runningSeconds < 2 || stopKey === undefined ? "▶ running" : `▶ running · ${stopKey} stops`;
}
