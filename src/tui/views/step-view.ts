/** The step of a program: where it is and how it came there, its variables, and the answer to a question. */
import { stringWidth } from "../../base/width.ts";
import { stepperKeys } from "../../commands/keys/stepper-keys.ts";
import type { StepState, StepVariable } from "../../runner/steps.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { fitEnd, padTo } from "./fit.ts";
import { accent, bold, dim, error, plain, rule, titleFocused, warning } from "./styles.ts";

/** What the pane shows. */
export interface StepProps {
  readonly state: StepState | undefined;
  /** Whether it waits to be told how it goes on. */
  readonly stopped: boolean;
  readonly beside: boolean;
  readonly junction?: number | undefined;
}

interface Line {
  readonly text: string;
  readonly style: CellStyle;
  readonly sign?: string;
}

const maxNameColumns = 16;
const maxTypeColumns = 10;
const narrowFrames = 3;

/** Draws the pane. A narrow and low one has the calls in one row, so that variables have room. */
export function drawStep(surface: Surface, props: StepProps): void {
  const { width, height } = surface;
  const { state, beside } = props;
  if (beside) for (let row = 0; row < height; row++) surface.put(row, 0, row === props.junction ? "┤" : "│", rule);
  else surface.put(0, 0, "─".repeat(width), rule);
  const title = state ? (beside ? `STEP ${state.step}` : ` STEP ${state.step} `) : beside ? "STEP" : " STEP ";
  const used = surface.put(0, beside ? 2 : 1, title, titleFocused);
  const said = saidOf(props);
  const room = width - used - 4;
  surface.put(0, (beside ? 2 : 1) + used, fitEnd(` ${said.text} `, room), said.style);
  const left = beside ? 2 : 1;
  const inside = surface.part({
    row: 1,
    column: left,
    width: Math.max(0, width - left),
    height: Math.max(0, height - 1),
  });
  if (!state) return;
  for (const [row, line] of linesOf(state, inside.width, beside).slice(0, inside.height).entries()) {
    if (line.sign !== undefined) inside.put(row, 0, line.sign, accent);
    inside.put(row, line.sign === undefined ? 0 : 2, fitEnd(line.text, inside.width - 2), line.style);
  }
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

function stackLines({ stack }: StepState, beside: boolean): readonly Line[] {
  const calls = stack.map(({ name, line }) => `${name}, line ${line}`);
  if (beside) return calls.map((text, index) => ({ text, style: index === 0 ? bold : dim }));
  if (calls.length < 2) return [];
  const more = calls.length > narrowFrames ? ` ← … ${calls.length - narrowFrames} more` : "";
  return [{ text: `${calls.slice(0, narrowFrames).join(" ← ")}${more}`, style: dim }];
}

function variableLines({ variables }: StepState, width: number, beside: boolean): readonly Line[] {
  if (variables.length === 0) return [{ text: "No variables yet.", style: dim }];
  const widest = (textOf: (each: StepVariable) => string, max: number): number =>
    Math.min(max, Math.max(0, ...variables.map((each) => stringWidth(textOf(each)))));
  const name = widest((each) => each.name, maxNameColumns);
  const type = width < 40 ? 0 : widest((each) => each.type, maxTypeColumns);
  return variables.flatMap((each, index) => {
    const isFirst = each.scope !== variables[index - 1]?.scope && (beside || index > 0);
    const words = each.scope === "" ? "of the program" : `of ${each.scope}`;
    const columns = [padTo(each.name, name), ...(type > 0 ? [padTo(each.type, type)] : []), each.value];
    const line = {
      text: columns.join("  "),
      style: each.changed ? accent : plain,
      sign: each.changed ? "●" : " ",
    };
    return isFirst ? [{ text: words, style: dim }, line] : [line];
  });
}

function answerLine({ text, value, why }: NonNullable<StepState["answer"]>): Line {
  if (value !== "") return { text: `${text} is ${value}`, style: accent };
  return { text: `${text}: ${why === "" ? "its value is not known here" : why}`, style: warning };
}
