import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { fitEnd } from "./fit.ts";
import { dim, plain, titleFocused, warning } from "./styles.ts";

/** A tab, for an open document. */
export interface Tab {
  readonly name: string;
  readonly modified: boolean;
  readonly readOnly: boolean;
  /** Whether the file was changed or removed on disk, and the person has to decide. */
  readonly conflict: boolean;
}

/** What the tab bar shows. */
export interface TabBarProps {
  readonly tabs: readonly Tab[];
  /** The index of the active tab; -1 when there is none. */
  readonly active: number;
  readonly focused: boolean;
}

/** A visible tab; columns count from the bar's left. */
export interface PlacedTab {
  readonly index: number;
  readonly column: number;
  readonly width: number;
  readonly label: string;
}

const gap = 3;
const maxName = 24;

/** Draws the tabs side by side. The active one is always visible; arrows show that others are hidden. */
export function drawTabBar(surface: Surface, props: TabBarProps): void {
  const placed = placeTabs(props, surface.width);
  for (const { index, column, label } of placed) {
    const tab = props.tabs[index];
    if (!tab) continue;
    const active = index === props.active;
    const style = active ? (props.focused ? titleFocused : { ...plain, bold: true }) : dim;
    const used = surface.put(0, column, label, style);
    const sign = signOf(tab);
    if (sign) surface.put(0, column + used, ` ${sign}`, tab.conflict ? warning : style);
  }
  if (placed.length === 0) return;
  if ((placed[0]?.index ?? 0) > 0) surface.put(0, 0, "‹", dim);
  if ((placed.at(-1)?.index ?? 0) < props.tabs.length - 1) surface.put(0, surface.width - 1, "›", dim);
}

/** The index of the tab at a column, for the mouse; undefined when there is none. */
export function tabAt(props: TabBarProps, width: number, column: number): number | undefined {
  return placeTabs(props, width).find((tab) => column >= tab.column - 1 && column <= tab.column + tab.width)?.index;
}

/** The tabs that fit a width, the active one among them. */
export function placeTabs(props: TabBarProps, width: number): readonly PlacedTab[] {
  const labels = props.tabs.map((tab) => fitEnd(tab.name, maxName));
  const widths = props.tabs.map((tab, index) => stringWidth(labels[index] ?? "") + signWidth(tab));
  let first = 0;
  const active = Math.max(0, props.active);
  while (first < active && sum(widths, first, active) + 2 > width) first++;
  const placed: PlacedTab[] = [];
  let column = 1;
  for (let index = first; index < widths.length; index++) {
    const tabWidth = widths[index] ?? 0;
    if (column + tabWidth > width - 1 && placed.length > 0) break;
    placed.push({ index, column, width: tabWidth, label: fitEnd(labels[index] ?? "", width - column) });
    column += tabWidth + gap;
  }
  return placed;
}

function sum(widths: readonly number[], first: number, last: number): number {
  let total = 0;
  for (let index = first; index <= last; index++) total += (widths[index] ?? 0) + gap;
  return total - gap;
}

function signWidth(tab: Tab): number {
  const sign = signOf(tab);
  return sign === "" ? 0 : sign.length + 1;
}

function signOf(tab: Tab): string {
  if (tab.conflict) return "!";
  if (tab.modified) return "●";
  return tab.readOnly ? "read" : "";
}
