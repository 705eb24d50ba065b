/** The step of a program: where it is and how it came there, its variables, and the answer to a question. */
import { stringWidth } from "../../base/width.ts";
import { listKeys } from "../../commands/keys/list-keys.ts";
import { stepperKeys } from "../../commands/keys/stepper-keys.ts";
import type { StepState, StepVariable } from "../../runner/steps.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { fitEnd, padTo } from "./fit.ts";
import { scrolledLines } from "./scroll-list.ts";
import { accent, bold, dim, error, plain, rule, titleFocused, warning } from "./styles.ts";

/** What the pane shows. */
export interface StepProps {
  readonly state: StepState | undefined;
  /** Whether it waits to be told how it goes on. */
  readonly stopped: boolean;
  readonly beside: boolean;
  readonly junction?: number | undefined;
}

/** What the person wants: to look at a call, or to see other rows. */
export type StepIntent = { readonly kind: "call"; readonly index: number } | { readonly kind: "moved" };

interface Line {
  readonly text: string;
  readonly style: CellStyle;
  readonly sign?: string;
  /** Whether it is a variable that has changed. */
  readonly changed?: boolean;
  /** The call that a click on it leads to. */
  readonly call?: number;
}

const maxNameColumns = 16;
const maxTypeColumns = 10;
const narrowFrames = 3;
const wheelRows = 3;

/** The pane while a program is stepped through. What a step has changed is in sight; the rest can be scrolled to. */
export class StepView {
  #top = 0;
  #height = 1;
  #lines: readonly Line[] = [];
  #seen: StepState | undefined;

  /** Draws the pane. A narrow and low one has the calls in one row, so that variables have room. */
  draw(surface: Surface, props: StepProps): void {
    const { width, height } = surface;
    const { state, beside } = props;
    const left = beside ? 2 : 1;
    const inside = surface.part({
      row: 1,
      column: left,
      width: Math.max(0, width - left),
      height: Math.max(0, height - 1),
    });
    this.#height = Math.max(1, inside.height);
    this.#lines = state ? linesOf(state, inside.width, beside) : [];
    if (state !== this.#seen) this.#showChanged(state);
    this.#clamp();
    drawEdges(surface, props, this.#lines.length - this.#top - this.#height);
    for (const [row, line] of this.#lines.slice(this.#top, this.#top + this.#height).entries()) {
      if (line.sign !== undefined) inside.put(row, 0, line.sign, accent);
      inside.put(row, line.sign === undefined ? 0 : 2, fitEnd(line.text, inside.width - 2), line.style);
    }
  }

  /** Handles an event; undefined when it means nothing here. Mouse positions count from the pane's own top left. */
  handle(event: InputEvent): StepIntent | undefined {
    if (event.kind === "mouse") return this.#mouse(event);
    const command = event.kind === "key" ? listKeys.commandFor(event.name) : undefined;
    if (command === undefined) return undefined;
    this.#scroll(scrolledLines(command, this.#lines.length, this.#height));
    return { kind: "moved" };
  }

  #mouse(event: MouseEvent): StepIntent | undefined {
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      this.#scroll(event.action === "wheel-up" ? -wheelRows : wheelRows);
      return { kind: "moved" };
    }
    if (event.action !== "press" || event.row === 0) return undefined;
    const index = this.#lines[this.#top + event.row - 1]?.call;
    return index === undefined ? undefined : { kind: "call", index };
  }

  #scroll(rows: number): void {
    this.#top += rows;
    this.#clamp();
  }

  #clamp(): void {
    this.#top = Math.max(0, Math.min(this.#top, this.#lines.length - this.#height));
  }

  #showChanged(state: StepState | undefined): void {
    const isSameStep = state?.step === this.#seen?.step && state?.frame === this.#seen?.frame;
    this.#seen = state;
    if (isSameStep && !state?.answer) return;
    const changed = state?.answer ? -1 : this.#lines.findLastIndex((line) => line.changed);
    this.#top = changed < this.#height ? 0 : changed - this.#height + 1;
  }
}

function drawEdges(surface: Surface, props: StepProps, hidden: number): void {
  const { width, height } = surface;
  const { state, beside } = props;
  if (beside) for (let row = 0; row < height; row++) surface.put(row, 0, row === props.junction ? "┤" : "│", rule);
  else surface.put(0, 0, "─".repeat(width), rule);
  const title = state ? (beside ? `STEP ${state.step}` : ` STEP ${state.step} `) : beside ? "STEP" : " STEP ";
  const used = surface.put(0, beside ? 2 : 1, title, titleFocused);
  const more = hidden > 0 ? ` ↓ ${hidden} more ` : "";
  const said = saidOf(props);
  const room = width - used - 4 - stringWidth(more);
  surface.put(0, (beside ? 2 : 1) + used, fitEnd(` ${said.text} `, room), said.style);
  if (more !== "") surface.put(0, width - stringWidth(more) - 1, more, dim);
}

function saidOf({ state, stopped }: StepProps): { readonly text: string; readonly style: CellStyle } {
  if (!state) return { text: "starting…", style: dim };
  if (!stopped) return { text: "▶ running · what you type goes to the program · Ctrl-C stops it", style: warning };
  const back = stepperKeys.keyFor("back");
  if (state.step < state.last) return { text: `of ${state.last} · the past`, style: warning };
  if (state.ended) return { text: `the program has ended · ${back} goes back`, style: warning };
  if (state.first > 1)
    return { text: `the last ${(state.last - state.first + 1).toLocaleString("en")} are kept`, style: dim };
  return { text: `line ${state.line}`, style: dim };
}

function linesOf(state: StepState, width: number, beside: boolean): readonly Line[] {
  const lines: Line[] = [];
  if (state.error !== "") lines.push({ text: `! ${state.error}`, style: error });
  if (state.answer) lines.push(answerLine(state.answer));
  return [...lines, ...stackLines(state, beside), ...variableLines(state, width, beside)];
}

/** The calls: the innermost first, and the one whose variables are shown marked. */
function stackLines({ stack, frame }: StepState, beside: boolean): readonly Line[] {
  const calls = stack.map(({ name, line }) => `${name}, line ${line}`);
  if (calls.length < 2 && !beside) return [];
  if (beside)
    return calls.map((text, index) => ({
      text,
      style: index === frame ? bold : dim,
      sign: index === frame ? "›" : " ",
      call: index,
    }));
  const from = Math.max(0, Math.min(frame - 1, calls.length - narrowFrames));
  const shown = calls
    .slice(from, from + narrowFrames)
    .map((text, index) => (from + index === frame && frame > 0 ? `› ${text}` : text));
  const before = from > 0 ? "… ← " : "";
  const after = calls.length - from - shown.length;
  return [{ text: `${before}${shown.join(" ← ")}${after > 0 ? ` ← … ${after} more` : ""}`, style: dim }];
}

function variableLines(state: StepState, width: number, beside: boolean): readonly Line[] {
  const { variables, more } = state;
  if (variables.length === 0) return [{ text: "No variables yet.", style: dim }];
  const widest = (textOf: (each: StepVariable) => string, max: number): number =>
    Math.min(max, Math.max(0, ...variables.map((each) => stringWidth(textOf(each)))));
  const name = widest((each) => each.name, maxNameColumns);
  const type = width < 40 ? 0 : widest((each) => each.type, maxTypeColumns);
  const lines = variables.flatMap((each, index): readonly Line[] => {
    const isFirst = each.scope !== variables[index - 1]?.scope && (beside || index > 0 || state.frame > 0);
    const columns = [padTo(each.name, name), ...(type > 0 ? [padTo(each.type, type)] : []), each.value];
    const line = {
      text: columns.join("  "),
      style: each.changed ? accent : plain,
      sign: each.changed ? "●" : " ",
      changed: each.changed,
    };
    return isFirst ? [{ text: headOf(each, state), style: dim }, line] : [line];
  });
  return more > 0 ? [...lines, { text: `… and ${more} more`, style: dim }] : lines;
}

function headOf({ scope }: StepVariable, { frame }: StepState): string {
  if (scope === "") return "of the program";
  return frame > 0 ? `of ${scope}, as they were at its call` : `of ${scope}`;
}

function answerLine({ text, value, why }: NonNullable<StepState["answer"]>): Line {
  if (value !== "") return { text: `${text} is ${value}`, style: accent };
  return { text: `${text}: ${why === "" ? "its value is not known here" : why}`, style: warning };
}
