/** A chart of bars in block characters. */
import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { accent, dim, rule } from "../views/styles.ts";

/** A bar: its value, and the label that may stand below it. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Eighths of a cell, from below. */
const eighths = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇"];
/** Columns of the numbers at the left, with the line. */
const scaleColumns = 7;

/** Draws bars over their labels on the whole surface; where there are too many, neighbours are added up. */
export function drawBars(surface: Surface, all: readonly Bar[], text: (value: number) => string): void {
  const room = Math.max(1, surface.width - scaleColumns);
  const together = Math.max(1, Math.ceil(all.length / room));
  const bars = added(all, together);
  const step = Math.max(1, Math.min(6, Math.floor(room / Math.max(1, bars.length))));
  const height = surface.height - 1;
  const top = niceAbove(Math.max(...bars.map(({ value }) => value), 0));
  drawScale(surface, height, top, text);
  for (const [index, { value }] of bars.entries()) {
    const parts = value <= 0 ? 0 : Math.max(1, Math.round((value / top) * height * 8));
    const column = scaleColumns + index * step;
    const width = Math.max(1, step - 1);
    for (let row = 0; row * 8 < parts; row++) {
      const block = parts - row * 8 >= 8 ? "█" : (eighths[parts - row * 8] ?? "");
      surface.put(height - 1 - row, column, block.repeat(width), accent);
    }
  }
  drawLabels(surface, bars, step);
}

/** The first and the last label, and between them as many as there is room for. */
function drawLabels(surface: Surface, bars: readonly Bar[], step: number): void {
  let free = scaleColumns;
  for (const [index, { label }] of bars.entries()) {
    const at = scaleColumns + index * step;
    const width = stringWidth(label);
    if (at < free || at + width > surface.width) continue;
    surface.put(surface.height - 1, at, label, dim);
    free = at + width + 2;
  }
}

function drawScale(surface: Surface, height: number, top: number, text: (value: number) => string): void {
  const label = (row: number, value: number): void => {
    const shown = text(value);
    surface.put(row, Math.max(0, scaleColumns - 2 - stringWidth(shown)), shown, dim);
  };
  for (let row = 0; row < height; row++) surface.put(row, scaleColumns - 1, "│", rule);
  label(0, top);
  if (height >= 5) label(Math.floor((height - 1) / 2), top / 2);
  label(height - 1, 0);
}

/** Sums of neighbours, `together` at a time; the last ones are whole, so that today is not alone. */
function added(bars: readonly Bar[], together: number): readonly Bar[] {
  if (together === 1) return bars;
  const first = bars.length % together;
  const cuts = first === 0 ? [] : [bars.slice(0, first)];
  for (let at = first; at < bars.length; at += together) cuts.push(bars.slice(at, at + together));
  return cuts.map((group) => ({
    label: group[0]?.label ?? "",
    value: group.reduce((sum, { value }) => sum + value, 0),
  }));
}

/** The next round number that is not below a value: 1, 2, 4, 6, 8, 10, 20, 40 ... */
export function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
