/** The editor's pane of one client: a viewport for each document, typing, the clipboard, the mouse. */
import type { EditorCommandName } from "../../editor/commands.ts";
import type { Search } from "../../editor/search.ts";
import type { Clip } from "../../editor/types.ts";
import { Viewport } from "../../editor/viewport.ts";
import type { OpenDocument } from "../../session/open-document.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { Surface } from "../draw/surface.ts";
import type { MouseEvent } from "../input/event.ts";
import { drawEditorPane, gutterWidth } from "../views/editor-pane.ts";
import { drawEmptyEditor } from "../views/empty-state.ts";

const wheelLines = 3;

export class Editing {
  readonly #workbench: Workbench;
  /** Where this client has scrolled to; goes with the document. */
  readonly #viewports = new WeakMap<OpenDocument, Viewport>();

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  draw(surface: Surface, focused: boolean, search: Search | undefined): void {
    const document = this.#workbench.active;
    if (!document) return drawEmptyEditor(surface);
    const numberWidth = Viewport.numberWidth(document.editor);
    const viewport = this.#viewportOf(document);
    const width = Math.max(1, surface.width - gutterWidth(numberWidth));
    if (viewport.width !== width || viewport.height !== surface.height) {
      viewport.resize(width, surface.height);
      viewport.reveal(document.editor);
    }
    const lines = viewport.lines(document.editor, search);
    drawEditorPane(surface, { lines, numberWidth, cursor: viewport.cursorCell(document.editor), focused });
  }

  /** Runs a command on the active document and keeps the cursor in sight. */
  run(command: EditorCommandName): void {
    this.#change((document, viewport) => document.editor.run(command, { pageLines: viewport.height }));
  }

  /** False when the document can't be changed. */
  type(text: string): boolean {
    return this.#change((document) => document.editor.type(text));
  }

  /** Text from the person's own machine. */
  insert(text: string): boolean {
    return this.#change((document) => document.editor.paste(text));
  }

  /** Returns what was copied, for the clipboard of the person's own machine. */
  copy(): string {
    const clip = this.#workbench.active?.editor.copy();
    return clip ? this.#keep(clip) : "";
  }

  cut(): string {
    let text = "";
    this.#change((document) => {
      text = this.#keep(document.editor.cut());
    });
    return text;
  }

  paste(): boolean {
    const { text, wholeLine } = this.#workbench.clipboard;
    return text === "" || this.#change((document) => document.editor.paste(text, wholeLine));
  }

  /** Brings the cursor into sight, after something moved it. */
  reveal(): void {
    const document = this.#workbench.active;
    if (document) this.#viewportOf(document).reveal(document.editor);
  }

  goToLine(line: number): void {
    this.#change(({ editor }) => editor.setCursor(editor.offsetAt(line, 1)));
  }

  /** Positions count from the pane's own top left; they may lie outside while dragging. */
  mouse(event: MouseEvent): void {
    const document = this.#workbench.active;
    if (!document) return;
    const viewport = this.#viewportOf(document);
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      viewport.scrollBy(document.editor, event.action === "wheel-up" ? -wheelLines : wheelLines);
    } else if (event.button === "left" && event.action === "press") {
      this.#press(document, viewport, event);
    } else if (event.button === "left" && event.action === "drag") {
      if (event.row < 0) viewport.scrollBy(document.editor, -1);
      if (event.row >= viewport.height) viewport.scrollBy(document.editor, 1);
      document.editor.selectTo(this.#offset(document, viewport, event));
    }
  }

  #press(document: OpenDocument, viewport: Viewport, event: MouseEvent): void {
    const offset = this.#offset(document, viewport, event);
    const onNumbers = event.column < gutterWidth(Viewport.numberWidth(document.editor));
    if (event.shift) document.editor.selectTo(offset);
    else if (onNumbers || event.clicks >= 3) document.editor.selectLine(offset);
    else if (event.clicks === 2) document.editor.selectWord(offset);
    else document.editor.setCursor(offset);
  }

  #offset(document: OpenDocument, viewport: Viewport, event: MouseEvent): number {
    const row = Math.max(0, Math.min(viewport.height - 1, event.row));
    const column = Math.max(0, event.column - gutterWidth(Viewport.numberWidth(document.editor)));
    return viewport.positionAt(document.editor, row, column);
  }

  /** The result is what `work` returned, true when that is nothing. */
  #change(work: (document: OpenDocument, viewport: Viewport) => boolean | void): boolean {
    const document = this.#workbench.active;
    if (!document) return true;
    const viewport = this.#viewportOf(document);
    const done = work(document, viewport) ?? true;
    viewport.reveal(document.editor);
    return done;
  }

  #keep(clip: Clip): string {
    if (clip.text !== "") this.#workbench.clipboard = clip;
    return clip.text;
  }

  #viewportOf(document: OpenDocument): Viewport {
    const known = this.#viewports.get(document);
    if (known) return known;
    const viewport = new Viewport({ width: 80, height: 10 });
    this.#viewports.set(document, viewport);
    return viewport;
  }
}
