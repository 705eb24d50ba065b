/** The variables' pane: one row for each, those that have changed marked; functions, classes and modules follow. */
import { listKeys } from "../../commands/keys/list-keys.ts";
import { variablesKeys } from "../../commands/keys/variables-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { Variable, Variables } from "../../runner/variables.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import { area } from "./area.ts";
import { fitEnd, padTo } from "./fit.ts";
import { ScrollList } from "./scroll-list.ts";
import { accent, bold, dim, plain, rule, selected, selectedPlain, title, titleFocused } from "./styles.ts";

/** What the pane shows. */
export interface VariablesProps {
  readonly variables: Variables | undefined;
  readonly changed: ReadonlySet<string>;
  readonly focused: boolean;
  /** Whether a program or a statement runs, so that what is shown may be out of date. */
  readonly running: boolean;
  /** Whether the pane is at the right of the others, with a rule at its left; otherwise its title is a rule. */
  readonly beside: boolean;
  /** The row where the console's rule meets the pane's, beside it. */
  readonly junction?: number | undefined;
}

/** What the person wants. */
export type VariablesIntent = { readonly kind: "open"; readonly name: string } | { readonly kind: "leave" | "moved" };

/** A row of the pane: a variable, or words between them. */
type Row = { readonly variable: Variable } | { readonly words: string };

/** Columns of the widest names and types. */
const maxNameColumns = 20;
const maxTypeColumns = 12;
const maxLengthColumns = 9;

/** The pane of the variables, with its selection. */
export class VariablesView {
  readonly #list = new ScrollList();
  #height = 1;
  #seen: Variables | undefined;

  /** Draws the title and the rows. */
  draw(surface: Surface, props: VariablesProps): void {
    const rows = rowsOf(props.variables);
    this.#height = Math.max(1, surface.height - 1);
    if (!props.focused && props.variables !== this.#seen) this.#showChanged(rows, props.changed);
    this.#seen = props.variables;
    this.#list.fit(rows.length, this.#height);
    const inside = this.#drawEdges(surface, props, rows.length - this.#list.top - this.#height);
    if (rows.length === 0) {
      const text = props.running
        ? "They are shown when Python is at its prompt."
        : "Variables appear here after a run.";
      return void inside.put(0, 0, fitEnd(text, inside.width), dim);
    }
    const columns = columnsOf(rows, inside.width);
    for (let line = 0; line < this.#height; line++) {
      const index = this.#list.top + line;
      const row = rows[index];
      if (row) drawRow(inside, line, row, { props, columns, isSelected: index === this.#list.selected });
    }
    if (props.focused) inside.cursor(this.#list.selected - this.#list.top, 0);
  }

  /** Handles an event; undefined when it means nothing here. Mouse positions count from the pane's own top left. */
  handle(event: InputEvent, variables: Variables | undefined): VariablesIntent | undefined {
    const rows = rowsOf(variables);
    if (event.kind === "mouse") return this.#mouse(event, rows);
    if (event.kind !== "key" && event.kind !== "text") return undefined;
    const key = pressedKey(event);
    if (this.#list.move(listKeys.commandFor(key), rows.length, this.#height)) return { kind: "moved" };
    const command = variablesKeys.commandFor(key);
    if (command === "leave") return { kind: "leave" };
    return command === "open" ? openOf(rows[this.#list.selected]) : undefined;
  }

  #mouse(event: MouseEvent, rows: readonly Row[]): VariablesIntent | undefined {
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      this.#list.scroll(event.action === "wheel-up" ? -3 : 3, rows.length, this.#height);
      // The selection stays in sight, or the next draw would scroll back to it.
      this.#list.select(Math.max(this.#list.top, Math.min(this.#list.selected, this.#list.top + this.#height - 1)));
      return { kind: "moved" };
    }
    if (event.action !== "press" || event.button !== "left" || event.row === 0) return undefined;
    const index = this.#list.top + event.row - 1;
    const again = index === this.#list.selected;
    if (rows[index]) this.#list.select(index);
    return again ? openOf(rows[index]) : { kind: "moved" };
  }

  /** While the person is elsewhere, what has just changed is in sight. */
  #showChanged(rows: readonly Row[], changed: ReadonlySet<string>): void {
    const isChanged = (row: Row): boolean => "variable" in row && changed.has(row.variable.name);
    const last = rows.findLastIndex(isChanged);
    if (last < 0) return;
    this.#list.select(last);
    this.#list.fit(rows.length, this.#height);
    this.#list.select(rows.findIndex(isChanged));
  }

  #drawEdges(
    surface: Surface,
    { beside, junction, focused, running, variables }: VariablesProps,
    hidden: number,
  ): Surface {
    const { width, height } = surface;
    const style = focused ? titleFocused : title;
    const state = running && variables ? " as at the last prompt " : hidden > 0 ? ` ↓ ${hidden} more ` : "";
    if (beside) for (let row = 0; row < height; row++) surface.put(row, 0, row === junction ? "┤" : "│", rule);
    else surface.put(0, 0, "─".repeat(width), rule);
    const used = surface.put(0, beside ? 2 : 1, beside ? "VARIABLES" : " VARIABLES ", style);
    if (used + stringWidth(state) + 6 <= width) surface.put(0, width - stringWidth(state) - 3, state, dim);
    const left = beside ? 2 : 1;
    return surface.part({ row: 1, column: left, width: Math.max(0, width - left), height: Math.max(0, height - 1) });
  }
}

/** Variables first; then the program's own functions and classes; then the names of what is imported, in one row. */
function rowsOf(variables: Variables | undefined): readonly Row[] {
  if (!variables) return [];
  const group = (...groups: readonly Variable["group"][]): readonly Variable[] =>
    variables.list.filter((each) => groups.includes(each.group));
  const imported = group("imported", "module").map(({ name }) => name);
  const rows: Row[] = [...group("variable"), ...group("here")].map((variable) => ({ variable }));
  if (variables.more > 0) rows.push({ words: `… and ${variables.more} more` });
  if (imported.length > 0) rows.push({ words: `imported: ${imported.join(", ")}` });
  if (rows.length === 0) rows.push({ words: "No variables yet." });
  return rows;
}

interface Columns {
  readonly name: number;
  readonly type: number;
  readonly length: number;
}

function columnsOf(rows: readonly Row[], width: number): Columns {
  const widest = (textOf: (variable: Variable) => string, max: number): number =>
    Math.min(max, Math.max(0, ...rows.map((row) => ("variable" in row ? stringWidth(textOf(row.variable)) : 0))));
  const name = widest((variable) => variable.name, Math.min(maxNameColumns, Math.floor(width / 3)));
  const type = width < 36 ? 0 : widest(typeOf, maxTypeColumns);
  const length = width < 48 ? 0 : widest((variable) => variable.length ?? "", maxLengthColumns);
  return { name, type, length };
}

/** Of functions and classes the value tells what they are. */
function typeOf({ group, type }: Variable): string {
  return group === "here" ? "" : type;
}

interface RowProps {
  readonly props: VariablesProps;
  readonly columns: Columns;
  readonly isSelected: boolean;
}

function drawRow(surface: Surface, line: number, row: Row, { props, columns, isSelected }: RowProps): void {
  const back: CellStyle = isSelected && props.focused ? selected : isSelected ? selectedPlain : plain;
  const shown = isSelected && props.focused;
  if (shown) surface.fill(area(line, 0, surface.width), back);
  const style = (own: CellStyle): CellStyle => (shown ? { ...own, ...back } : own);
  if (!("variable" in row)) return void surface.put(line, 2, fitEnd(row.words, surface.width - 2), style(dim));
  const { name, value, length, group } = row.variable;
  const isChanged = props.changed.has(name);
  if (isChanged) surface.put(line, 0, "●", style(accent));
  let column = 2;
  const put = (text: string, width: number, own: CellStyle): void => {
    if (width > 0) surface.put(line, column, padTo(text, width), style(own));
    column += width === 0 ? 0 : width + 2;
  };
  put(name, columns.name, group === "here" ? plain : bold);
  put(typeOf(row.variable), columns.type, dim);
  put(length ?? "", columns.length, dim);
  const own = isChanged ? accent : group === "here" || props.running ? dim : plain;
  surface.put(line, column, fitEnd(value, surface.width - column), style(own));
}

function openOf(row: Row | undefined): VariablesIntent | undefined {
  return row && "variable" in row ? { kind: "open", name: row.variable.name } : undefined;
}
