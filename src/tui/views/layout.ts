/**
 * Where everything is on the screen: a pure function of the size and of what the person wants to see. Narrow terminals
 * fold: under 100 columns the file tree may be hidden and then appears over the editor while it has the focus, under 70 it
 * always does so, and editor and console take turns instead of sharing the height.
 */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region } from "../draw/surface.ts";

/** The panes that can have the focus. */
export type PaneName = "tree" | "editor" | "console";

export interface LayoutState {
  readonly focus: PaneName;
  /** Whether the person wants the file tree to stay beside the editor (it never does under 70 columns). */
  readonly treeShown: boolean;
  /** Rows of the find bar: 0, 1, or 2 with the replacement's line. */
  readonly findRows: number;
  /** "shared": editor over console; "editor" or "console": that one alone. */
  readonly body: "shared" | "editor" | "console";
}

export interface Layout {
  readonly size: TerminalSize;
  readonly header: Region;
  /** The tree's title line and its rows; undefined while hidden. */
  readonly treeTitle: Region | undefined;
  readonly tree: Region | undefined;
  /** The tree lies over the editor and goes when the focus leaves it. */
  readonly treeOverlay: boolean;
  /** The vertical rule right of the tree. */
  readonly treeRule: Region | undefined;
  readonly tabs: Region | undefined;
  readonly editor: Region | undefined;
  readonly find: Region | undefined;
  /** The horizontal rule with the console's title. */
  readonly consoleTitle: Region | undefined;
  readonly console: Region | undefined;
  readonly status: Region;
  readonly hints: Region;
}

/** Under this a sentence asks for a larger window. */
export const smallest: TerminalSize = { columns: 60, rows: 16 };

const hideTreeUnder = 100;
const foldUnder = 70;

/** True when a terminal of this size cannot show the IDE. */
export function isTooSmall(size: TerminalSize): boolean {
  return size.columns < smallest.columns || size.rows < smallest.rows;
}

/** Whether editor and console take turns at this width. */
export function isFolded(size: TerminalSize): boolean {
  return size.columns < foldUnder;
}

/** Whether the tree can stay beside the editor at this width, and must (there is room for all). */
export function treeDocking(size: TerminalSize): "never" | "optional" | "always" {
  if (size.columns < foldUnder) return "never";
  return size.columns < hideTreeUnder ? "optional" : "always";
}

/** Computes every region. Regions never overlap, except an overlaid tree, and together fill the screen. */
export function computeLayout(size: TerminalSize, state: LayoutState): Layout {
  const { columns, rows } = size;
  const docking = treeDocking(size);
  const docked = docking === "always" || (docking === "optional" && state.treeShown);
  const overlay = !docked && state.focus === "tree";
  const treeWidth = treeColumns(columns);
  const bodyColumn = docked ? treeWidth + 1 : 0;
  const bodyWidth = columns - bodyColumn;
  const bodyTop = 1;
  const bodyHeight = rows - 3; // header above, status and hints below
  const showTree = docked || overlay;
  const panes = splitBody(state, isFolded(size), { row: bodyTop, column: bodyColumn, width: bodyWidth, height: bodyHeight });
  return {
    size,
    header: line(0, columns),
    treeTitle: showTree ? { row: bodyTop, column: 0, width: treeWidth, height: 1 } : undefined,
    tree: showTree ? { row: bodyTop + 1, column: 0, width: treeWidth, height: bodyHeight - 1 } : undefined,
    treeOverlay: overlay,
    treeRule: showTree ? { row: bodyTop + 1, column: treeWidth, width: 1, height: bodyHeight - 1 } : undefined,
    ...panes,
    status: line(rows - 2, columns),
    hints: line(rows - 1, columns),
  };
}

/** A tree of a quarter of the width: wide enough for "Lecture Notes" two levels deep, never a waste on wide screens. */
function treeColumns(columns: number): number {
  return Math.max(19, Math.min(34, Math.floor(columns * 0.24)));
}

type Panes = Pick<Layout, "tabs" | "editor" | "find" | "consoleTitle" | "console">;

function splitBody(state: LayoutState, folded: boolean, body: Region): Panes {
  const only = onlyPane(state, folded);
  if (only === "console") {
    return { tabs: undefined, editor: undefined, find: undefined, ...consoleAt(body) };
  }
  const consoleHeight = only === "editor" ? 0 : Math.max(5, Math.floor(body.height * 0.42));
  const editorHeight = body.height - consoleHeight;
  const lower = { ...body, row: body.row + editorHeight, height: consoleHeight };
  return {
    ...editorAt({ ...body, height: editorHeight }, state.findRows),
    ...(consoleHeight > 0 ? consoleAt(lower) : { consoleTitle: undefined, console: undefined }),
  };
}

function onlyPane(state: LayoutState, folded: boolean): "editor" | "console" | undefined {
  if (folded) return state.focus === "console" || (state.focus === "tree" && state.body === "console") ? "console" : "editor";
  return state.body === "shared" ? undefined : state.body;
}

function consoleAt(area: Region): Pick<Layout, "consoleTitle" | "console"> {
  return {
    consoleTitle: { ...area, height: 1 },
    console: { ...area, row: area.row + 1, height: area.height - 1 },
  };
}

function editorAt(area: Region, findRows: number): Pick<Layout, "tabs" | "editor" | "find"> {
  const rows = Math.min(findRows, area.height - 2); // a line of text always stays in sight
  const height = area.height - 1 - rows;
  return {
    tabs: { ...area, height: 1 },
    editor: { ...area, row: area.row + 1, height },
    find: rows > 0 ? { ...area, row: area.row + 1 + height, height: rows } : undefined,
  };
}

function line(row: number, width: number): Region {
  return { row, column: 0, width, height: 1 };
}

/** Whether a cell of the screen lies in `region`. */
export function contains(region: Region | undefined, row: number, column: number): region is Region {
  return region !== undefined && row >= region.row && row < region.row + region.height &&
    column >= region.column && column < region.column + region.width;
}
