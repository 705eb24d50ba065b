/** The file tree's pane: draws the rows, and turns keys and clicks into intents. */
import { fileTreeKeys, type FileTreeCommand } from "../../commands/keys/file-tree-keys.ts";
import { listKeys } from "../../commands/keys/list-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import { area } from "./area.ts";
import { fitEnd } from "./fit.ts";
import { ScrollList } from "./scroll-list.ts";
import { bold, dim, plain, rule, selected, selectedPlain, title, titleFocused, warning } from "./styles.ts";

/** A row of the tree, as far as the pane needs it. */
export interface FileTreeRow {
  readonly path: string;
  readonly name: string;
  /** Levels of indentation; 0 for a root. */
  readonly depth: number;
  readonly kind: "root" | "directory" | "file" | "link" | "other" | "more";
  readonly expanded: boolean;
  readonly writable: boolean;
}

/** What the pane shows. */
export interface FileTreeProps {
  readonly rows: readonly FileTreeRow[];
  readonly focused: boolean;
  /** The path of the file in the editor, which is drawn bold. */
  readonly openPath: string | undefined;
  /** Whether a file has unsaved changes. */
  readonly isModified: (path: string) => boolean;
  /** The rows where other rules meet the tree's. */
  readonly junctions: readonly number[];
}

/** What the person wants. */
export type TreeIntent =
  | { readonly kind: "open" | "toggle" | "new-file" | "new-folder" | "rename" | "delete"; readonly row: FileTreeRow }
  | { readonly kind: "leave" }
  | { readonly kind: "refresh" | "moved" };

/** The pane of the file tree, with its selection. */
export class FileTreeView {
  readonly #list = new ScrollList();
  #path: string | undefined;
  #height = 1;

  /** The selected row; undefined when there is none. */
  selected(rows: readonly FileTreeRow[]): FileTreeRow | undefined {
    this.#follow(rows);
    return rows[this.#list.selected];
  }

  /** Selects a path. If it has no row, the selection stays near where it was. */
  select(path: string): void {
    this.#path = path;
  }

  /** Draws the title, the rows and the rule at the right. */
  draw(surface: Surface, props: FileTreeProps): void {
    surface.put(0, 1, "FILES", props.focused ? titleFocused : title);
    for (let row = 1; row < surface.height; row++) {
      surface.put(row, surface.width - 1, props.junctions.includes(row) ? "├" : "│", rule);
    }
    this.#drawRows(surface.part({ row: 1, column: 0, width: surface.width - 1, height: surface.height - 1 }), props);
  }

  #drawRows(surface: Surface, props: FileTreeProps): void {
    this.#height = surface.height;
    this.#follow(props.rows);
    for (let line = 0; line < surface.height; line++) {
      const index = this.#list.top + line;
      const row = props.rows[index];
      if (row) drawRow(surface, line, row, { props, isSelected: index === this.#list.selected });
    }
    if (props.focused && props.rows.length > 0) {
      const row = props.rows[this.#list.selected];
      surface.cursor(this.#list.selected - this.#list.top, Math.min(surface.width - 1, nameColumn(row?.depth ?? 0)));
    }
  }

  /** Handles an event; undefined when it means nothing here. Mouse positions count from the pane's own top left. */
  handle(event: InputEvent, rows: readonly FileTreeRow[]): TreeIntent | undefined {
    switch (event.kind) {
      case "key":
      case "text":
        return this.#key(pressedKey(event), rows);
      case "mouse":
        return this.#mouse(event, rows);
      case "paste":
      case "focus":
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #key(key: string | undefined, rows: readonly FileTreeRow[]): TreeIntent | undefined {
    const row = this.selected(rows);
    if (this.#list.move(listKeys.commandFor(key), rows.length, this.#height)) return this.#settle(rows);
    const command = fileTreeKeys.commandFor(key);
    if (command === "leave" || command === "refresh") return { kind: command };
    return row && command !== undefined ? this.#onRow(command, row, rows) : undefined;
  }

  #onRow(
    command: Exclude<FileTreeCommand, "leave" | "refresh">,
    row: FileTreeRow,
    rows: readonly FileTreeRow[],
  ): TreeIntent | undefined {
    const isOpen = isFolder(row) && row.expanded;
    switch (command) {
      case "open":
        return activate(row);
      case "expand":
        return isFolder(row) && !isOpen ? { kind: "toggle", row } : this.#step(rows, 1);
      case "collapse":
        return isOpen ? { kind: "toggle", row } : this.#toParent(rows, row);
      case "new-file":
      case "new-folder":
        return { kind: command, row };
      case "rename":
      case "delete":
        return onEntry(command, row);
      default:
        return command satisfies never;
    }
  }

  #mouse(event: MouseEvent, rows: readonly FileTreeRow[]): TreeIntent | undefined {
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      this.#list.scroll(event.action === "wheel-up" ? -3 : 3, rows.length, this.#height);
      return { kind: "moved" };
    }
    if (event.action !== "press" || event.button !== "left") return undefined;
    const row = event.row > 0 ? rows[this.#list.top + event.row - 1] : undefined; // the title is above the rows
    if (!row) return { kind: "moved" };
    this.#list.select(this.#list.top + event.row - 1);
    this.#path = row.path;
    return activate(row) ?? { kind: "moved" };
  }

  #step(rows: readonly FileTreeRow[], by: number): TreeIntent {
    this.#list.select(this.#list.selected + by);
    return this.#settle(rows);
  }

  #toParent(rows: readonly FileTreeRow[], row: FileTreeRow): TreeIntent {
    let index = this.#list.selected;
    while (index > 0 && (rows[index]?.depth ?? 0) >= row.depth) index--;
    this.#list.select(row.depth === 0 ? this.#list.selected : index);
    return this.#settle(rows);
  }

  #settle(rows: readonly FileTreeRow[]): TreeIntent {
    this.#list.fit(rows.length, this.#height);
    this.#path = rows[this.#list.selected]?.path;
    return { kind: "moved" };
  }

  /** Rows come and go while others work: the selection stays with its path, or else with its index. */
  #follow(rows: readonly FileTreeRow[]): void {
    const current = rows[this.#list.selected];
    if (current && (this.#path === undefined || current.path === this.#path)) {
      this.#path = current.path;
      this.#list.clampTop(rows.length, this.#height);
      return;
    }
    const index = rows.findIndex((row) => row.path === this.#path);
    if (index >= 0) this.#list.select(index);
    this.#list.fit(rows.length, this.#height);
    if (index >= 0) this.#path = rows[this.#list.selected]?.path;
  }
}

function activate(row: FileTreeRow): TreeIntent | undefined {
  if (row.kind === "more") return undefined;
  return { kind: isFolder(row) ? "toggle" : "open", row };
}

function onEntry(kind: "rename" | "delete", row: FileTreeRow): TreeIntent | undefined {
  return row.kind === "root" || row.kind === "more" ? undefined : { kind, row };
}

function isFolder(row: FileTreeRow): boolean {
  return row.kind === "root" || row.kind === "directory";
}

function nameColumn(depth: number): number {
  return 3 + 2 * depth;
}

interface RowProps {
  readonly props: FileTreeProps;
  readonly isSelected: boolean;
}

function drawRow(surface: Surface, line: number, row: FileTreeRow, { props, isSelected }: RowProps): void {
  const back: CellStyle = isSelected ? (props.focused ? selected : selectedPlain) : plain;
  if (isSelected) surface.fill(area(line, 0, surface.width), back);
  const style = (own: CellStyle): CellStyle => (isSelected ? { ...own, ...back } : own);
  const column = nameColumn(row.depth);
  if (isFolder(row)) surface.put(line, column - 2, row.expanded ? "▾" : "▸", style(dim));
  const sign = row.kind === "root" && !row.writable ? "read" : props.isModified(row.path) ? "●" : "";
  const room = surface.width - column - (sign === "" ? 0 : stringWidth(sign) + 2);
  const used = surface.put(line, column, fitEnd(row.name, room), style(nameStyle(row, props)));
  if (sign === "●") surface.put(line, column + used + 1, sign, style(warning));
  else if (sign !== "") surface.put(line, surface.width - stringWidth(sign) - 1, sign, style(dim));
}

function nameStyle(row: FileTreeRow, props: FileTreeProps): CellStyle {
  if (row.kind === "more" || row.kind === "link" || row.kind === "other") return dim;
  return row.path === props.openPath ? bold : plain;
}
