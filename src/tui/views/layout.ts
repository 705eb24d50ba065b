/**
 * Where everything is on the screen: a pure function of the size and of what the person wants to see. Narrow screens
 * fold: under 100 columns the file tree can be hidden, and then it appears over the editor while it has the focus.
 * Under 70 columns it always does, and editor and console take turns instead of sharing the height.
 */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Pane } from "../../commands/pane.ts";
import type { Region } from "../../terminal/draw/surface.ts";

/** What the person wants to see. */
export interface LayoutState {
  readonly focus: Pane;
  /** Whether the file tree stays beside the editor (it never does under 70 columns). */
  readonly treeShown: boolean;
  /** Rows of the find bar: 0, 1, or 2 with the replacement. */
  readonly findRows: number;
  /** Which of editor and console is shown while the tree has the focus, where they take turns. */
  readonly behind: "editor" | "console";
  /** Whether the variables are shown; undefined where the width decides. */
  readonly variablesShown: boolean | undefined;
  /** Whether a program runs step by step: its steps are shown in the place of the variables. */
  readonly stepping: boolean;
}

/** The regions of one screen; undefined for what is hidden. */
export interface Layout {
  readonly size: TerminalSize;
  readonly header: Region;
  /** The tree, with its title above and the vertical rule at its right. */
  readonly tree: Region | undefined;
  /** Whether the tree lies over the editor and disappears when the focus leaves it. */
  readonly treeOverlay: boolean;
  readonly tabs: Region | undefined;
  readonly editor: Region | undefined;
  readonly find: Region | undefined;
  /** The console, with the horizontal rule and its title above. */
  readonly console: Region | undefined;
  /** The variables, with their title above: at the right of editor and console, or between them. */
  readonly variables: Region | undefined;
  readonly variablesBeside: boolean;
  readonly status: Region;
  readonly hints: Region;
}

/** The smallest size of the screen, in cells; a smaller one shows a sentence that asks for more room. */
export const smallest: TerminalSize = { columns: 60, rows: 16 };

/** Smallest width at which a hidden tree comes back beside the editor; below it comes back over the editor. */
const overlayUnder = 100;
const foldUnder = 70;
/** Smallest width at which the variables are shown by themselves, at the right. */
const variablesFrom = 161;

/** Whether a terminal of this size is too small for the IDE. */
export function isTooSmallForIde(size: TerminalSize): boolean {
  return size.columns < smallest.columns || size.rows < smallest.rows;
}

/** Whether editor and console take turns at this width. */
export function isFolded(size: TerminalSize): boolean {
  return size.columns < foldUnder;
}

/** Whether a hidden tree appears over the editor first, instead of taking its room. */
export function prefersOverlay(size: TerminalSize): boolean {
  return size.columns < overlayUnder;
}

/**
 * The region of everything on the screen. Regions never overlap, except for a tree over the editor, and together they
 * fill the screen.
 */
export function computeLayout(size: TerminalSize, state: LayoutState): Layout {
  const { columns, rows } = size;
  const docked = state.treeShown && !isFolded(size) && !(state.stepping && prefersOverlay(size));
  const overlay = !docked && state.focus === "files";
  const treeWidth = treeColumns(columns);
  const bodyColumn = docked ? treeWidth + 1 : 0;
  const beside = columns >= variablesFrom && areVariablesShown(size, state);
  const variablesWidth = beside ? Math.max(44, Math.min(72, Math.floor(columns * 0.28))) : 0;
  const bodyWidth = columns - bodyColumn - variablesWidth;
  const bodyTop = 1;
  const bodyHeight = rows - 3; // header above, status and hints below
  const showTree = docked || overlay;
  const panes = splitBody(state, size, { row: bodyTop, column: bodyColumn, width: bodyWidth, height: bodyHeight });
  const variables = { row: bodyTop, column: columns - variablesWidth, width: variablesWidth, height: bodyHeight };
  return {
    size,
    header: line(0, columns),
    tree: showTree ? { row: bodyTop, column: 0, width: treeWidth + 1, height: bodyHeight } : undefined,
    treeOverlay: overlay,
    ...panes,
    ...(beside && { variables }),
    variablesBeside: beside,
    status: line(rows - 2, columns),
    hints: line(rows - 1, columns),
  };
}

/**
 * Columns of the tree, a quarter of the width: enough for "Lecture Notes" two levels deep, and not too much on wide
 * screens.
 */
function treeColumns(columns: number): number {
  return Math.max(19, Math.min(34, Math.floor(columns * 0.24)));
}

/** Whether the variables are on a screen of this size. */
export function areVariablesShown(size: TerminalSize, { focus, variablesShown, stepping }: LayoutState): boolean {
  return stepping || focus === "variables" || (variablesShown ?? size.columns >= variablesFrom);
}

type Panes = Pick<Layout, "tabs" | "editor" | "find" | "console" | "variables">;

const noEditor = { tabs: undefined, editor: undefined, find: undefined };

function splitBody(state: LayoutState, size: TerminalSize, body: Region): Panes {
  const between = size.columns < variablesFrom && areVariablesShown(size, state);
  if (isFolded(size)) return foldedBody(state, body, between);
  const consoleHeight = between
    ? Math.max(4, Math.floor(body.height * (state.stepping ? 0.26 : 0.36)))
    : Math.max(5, Math.floor(body.height * 0.42));
  const variablesHeight = between ? Math.max(3, Math.floor(body.height * (state.stepping ? 0.38 : 0.3))) : 0;
  const editorHeight = body.height - consoleHeight - variablesHeight;
  const underEditor = below(body, editorHeight);
  return {
    ...editorAt({ ...body, height: editorHeight }, state.findRows),
    variables: between ? { ...underEditor, height: variablesHeight } : undefined,
    console: below(underEditor, variablesHeight),
  };
}

/** Editor and console take turns; the variables lie above the console, or below the editor. */
function foldedBody(state: LayoutState, body: Region, between: boolean): Panes {
  const shown = state.focus === "files" || state.focus === "variables" ? state.behind : state.focus;
  const height = between ? Math.floor(body.height * 0.42) : 0;
  const variables = between ? { ...body, height } : undefined;
  if (shown === "console") return { ...noEditor, variables, console: below(body, height) };
  const editorHeight = body.height - height;
  return {
    ...editorAt({ ...body, height: editorHeight }, state.findRows),
    variables: variables && { ...variables, row: body.row + editorHeight },
    console: undefined,
  };
}

/** What is left of a region below its first rows. */
function below({ row, height, ...region }: Region, rows: number): Region {
  return { ...region, row: row + rows, height: height - rows };
}

/** The size of the console's program: that of the console's pane, wherever the focus is. */
export function consoleSize(size: TerminalSize, state: LayoutState): TerminalSize {
  const { console } = computeLayout(size, { ...state, focus: "console" });
  return {
    columns: Math.max(1, console?.width ?? size.columns),
    rows: Math.max(1, (console?.height ?? size.rows) - 1),
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
  return (
    region !== undefined &&
    row >= region.row &&
    row < region.row + region.height &&
    column >= region.column &&
    column < region.column + region.width
  );
}
