/** The editor's pane on one screen: how the active document is drawn, and which text the mouse points at. */
import type { DocumentView } from "../../editor/document-view.ts";
import type { Search } from "../../editor/search.ts";
import { Viewport } from "../../editor/viewport.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { MouseEvent } from "../../terminal/input/event.ts";
import { area } from "../views/area.ts";
import { drawEditorPane, gutterWidth, type EditorPaneProps } from "../views/editor-pane.ts";
import { drawEmptyEditor } from "../views/empty-state.ts";

const wheelLines = 3;

function blank(surface: Surface): void {
  surface.fill(area(0, 0, surface.width, surface.height));
}

/** What the pane showed when it was drawn last. */
interface Shown extends Pick<EditorPaneProps, "lines" | "numberWidth" | "focused" | "step"> {
  readonly editor: DocumentView;
  readonly width: number;
}

/** The editor's pane. */
export class TextPane {
  readonly #view: WorkbenchView;
  #shown: Shown | undefined;

  constructor(view: WorkbenchView) {
    this.#view = view;
  }

  /** Draws the pane on a blank surface. `search` marks its matches. */
  draw(surface: Surface, focused: boolean, search: Search | undefined): void {
    this.#shown = undefined;
    this.#draw(surface, focused, search, true);
  }

  /** Draws what has changed on a surface that still shows the pane as it was drawn last: a key changes one line. */
  drawChanges(surface: Surface, focused: boolean, search: Search | undefined): void {
    this.#draw(surface, focused, search, false);
  }

  #draw(surface: Surface, focused: boolean, search: Search | undefined, isBlank: boolean): void {
    const { editor } = this.#view;
    const before = this.#shown;
    this.#shown = undefined;
    if (!editor) {
      if (!isBlank) blank(surface);
      return drawEmptyEditor(surface);
    }
    const numberWidth = Viewport.numberWidth(editor);
    const { viewport } = editor;
    const width = Math.max(1, surface.width - gutterWidth(numberWidth));
    if (viewport.width !== width || viewport.height !== surface.height) {
      viewport.resize(width, surface.height);
      viewport.reveal(editor);
    }
    const { active, workbench } = this.#view;
    const lines = viewport.lines(editor, { search, failure: active && workbench.errors.markIn(active.path) });
    const step = active && workbench.console.stepping.lineIn(active.path);
    const shown = { editor, lines, numberWidth, focused, step, width: surface.width };
    const isSame = before !== undefined && isAlike(before, shown);
    if (!isBlank && !isSame) blank(surface);
    drawEditorPane(surface, {
      lines,
      numberWidth,
      cursor: viewport.cursorCell(editor),
      focused,
      step,
      shown: isSame ? before.lines : undefined,
    });
    this.#shown = shown;
  }

  /** Handles the mouse. Positions count from the pane's own top left, and may lie outside during a drag. */
  mouse(event: MouseEvent): void {
    const { editor } = this.#view;
    if (!editor) return;
    const { viewport } = editor;
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      viewport.scrollBy(editor, event.action === "wheel-up" ? -wheelLines : wheelLines);
    } else if (event.button === "left" && event.action === "press") {
      this.#press(editor, event);
    } else if (event.button === "left" && event.action === "drag") {
      if (event.row < 0) viewport.scrollBy(editor, -1);
      if (event.row >= viewport.height) viewport.scrollBy(editor, 1);
      editor.selectTo(this.#offset(editor, event));
    }
  }

  #press(editor: DocumentView, event: MouseEvent): void {
    const offset = this.#offset(editor, event);
    const onNumbers = event.column < gutterWidth(Viewport.numberWidth(editor));
    if (event.shift) editor.selectTo(offset);
    else if (onNumbers || event.clicks >= 3) editor.selectLine(offset);
    else if (event.clicks === 2) editor.selectWord(offset);
    else editor.setCursor(offset);
  }

  #offset(editor: DocumentView, event: MouseEvent): number {
    const { viewport } = editor;
    const row = Math.max(0, Math.min(viewport.height - 1, event.row));
    const column = Math.max(0, event.column - gutterWidth(Viewport.numberWidth(editor)));
    return viewport.positionAt(editor, row, column);
  }
}

/** Whether only lines differ, so that the others need not be drawn. */
function isAlike(before: Shown, now: Shown): boolean {
  return (
    before.editor === now.editor &&
    before.numberWidth === now.numberWidth &&
    before.focused === now.focused &&
    before.step === now.step &&
    before.width === now.width &&
    before.lines.length === now.lines.length
  );
}
