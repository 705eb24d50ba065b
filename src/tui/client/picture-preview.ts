/**
 * The preview of a picture on one screen, over the editor: what a program has shown, or a file. It closes by Escape, and
 * when the person goes back to the editor, whose text it covers.
 */
import { pictureKeys } from "../../commands/keys/picture-keys.ts";
import { readPicture } from "../../session/picture-files.ts";
import type { Colours } from "../../session/png.ts";
import { pixelsOf } from "../../session/pictures.ts";
import type { SentPicture } from "../../runner/picture-marks.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { UserError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import { stringWidth } from "../../base/width.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import { shortKey } from "../views/hint-line.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import { cellsOf, drawPicture, type PictureCells } from "../views/picture-cells.ts";
import { dim, rule, titleFocused } from "../views/styles.ts";
import type { Arrangement } from "./arrangement.ts";

/** What the preview needs of its client. */
export interface PicturePreviewOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly arrangement: Arrangement;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
}

interface Shown extends Colours {
  readonly title: string;
}

const nowhere = area(0, 0, 0, 0);
/** Rows of the console that stay in sight where console and editor take turns. */
const consoleRows = 6;

/** The preview, which is a layer of the screen. */
export class PicturePreview implements Layer, AsyncDisposable {
  readonly #options: PicturePreviewOptions;
  readonly #scope = new Scope("picture");
  #shown: Shown | undefined;
  #cells: PictureCells | undefined;
  #cellsFor = "";
  /** Grows with each picture that is asked for: a slower one that was asked for before is dropped. */
  #asked = 0;
  /** Shows the newest picture that came while another one is being shown. */
  #pending: (() => Promise<void>) | undefined;
  /** Ends the reading of a file. */
  #reading = new AbortController();
  /** The index of the program's picture that is shown. */
  #index = 0;

  constructor(options: PicturePreviewOptions) {
    this.#options = options;
    const { view, arrangement } = options;
    this.#scope.own(
      view.workbench.consoles.followShown(({ pictures }) => pictures.onShown((picture) => this.#arrived(picture))),
    );
    this.#scope.own(arrangement.onChange(() => arrangement.focus === "editor" && this.close()));
  }

  /** Whether a picture is shown. */
  get isOpen(): boolean {
    return this.#shown !== undefined;
  }

  /** Shows the picture of a file when it has been read, unless something else is asked for meanwhile. Errors are told. */
  showFile(path: string): void {
    const { view } = this.#options;
    const asked = this.#ask();
    const { signal } = this.#reading;
    const who = view.isOwn ? view.workbench.person.username : view.participant.name;
    this.#soon(async () => {
      try {
        const picture = await readPicture(view.workbench.workspace, path, { who, signal });
        await this.#show(picture, picture.name, asked);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    });
  }

  /** Shows what a program has shown last, and when that is on the screen, what it showed before. */
  async showLast(): Promise<void> {
    const { all } = this.#options.view.workbench.console.pictures;
    if (all.length === 0)
      throw new UserError("file-not-found", "no program has shown a picture", "plt.show() and plt.savefig() do.");
    this.#index = this.isOpen && this.#index > 0 ? this.#index - 1 : all.length - 1;
    const picture = all[this.#index];
    if (this.#options.arrangement.focus === "editor") this.#options.arrangement.focusOn("console");
    if (picture) await this.#show(picture, titleOf(picture, this.#index, all.length), this.#ask());
  }

  /** Closes the preview. */
  close(): void {
    this.#ask();
    if (!this.#shown) return;
    this.#shown = undefined;
    this.#cells = undefined;
    this.#options.screen.invalidate();
  }

  /** Offers a key before the panes; true when it was the preview's. */
  take(event: InputEvent): boolean {
    const isClosing = this.isOpen && event.kind === "key" && pictureKeys.commandFor(event.name) === "close";
    if (isClosing) this.close();
    return isClosing;
  }

  region(size: TerminalSize): Region {
    if (!this.#shown || isTooSmallForIde(size)) return nowhere;
    const { tabs, editor, find, console } = this.#options.arrangement.layout(size);
    if (tabs && editor) return { ...tabs, height: tabs.height + editor.height + (find?.height ?? 0) };
    return console ? { ...console, height: Math.max(1, console.height - consoleRows) } : nowhere;
  }

  draw(surface: Surface): void {
    const shown = this.#shown;
    if (!shown || surface.height < 2) return;
    surface.put(0, 0, "─".repeat(surface.width), rule);
    const keys = ` ${shortKey(pictureKeys.keyFor("close"))} closes `;
    const column = 1 + surface.put(0, 1, " PICTURE ", titleFocused);
    const room = surface.width - column - stringWidth(keys) - 3;
    surface.put(0, column, fitEnd(` ${shown.title} `, Math.max(0, room)));
    surface.put(0, surface.width - stringWidth(keys) - 2, keys, dim);
    const size = `${surface.width}x${surface.height}`;
    if (!this.#cells || this.#cellsFor !== size) this.#cells = cellsOf(shown, surface.width, surface.height - 1);
    this.#cellsFor = size;
    drawPicture(surface.part(area(1, 0, surface.width, surface.height - 1)), this.#cells);
  }

  /** What is typed goes to the pane in focus, and a click on the picture nowhere. */
  handle(event: InputEvent): boolean {
    return event.kind === "mouse";
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ask();
    this.#pending = undefined;
    return this.#scope.close();
  }

  /** A program shows a picture: at once, unless that would cover what the person edits. */
  #arrived(picture: SentPicture): void {
    const { view, arrangement, notices } = this.#options;
    const { all } = view.workbench.console.pictures;
    if (picture.name !== "" && view.isOwn)
      notices.show({ kind: "success", text: `The program saved ${picture.name}.` });
    if (arrangement.focus === "editor") {
      if (picture.name === "")
        notices.show({ kind: "info", text: 'The program shows a picture: "Show the last picture" in the palette.' });
      return;
    }
    this.#index = all.length - 1;
    const asked = this.#ask();
    const which = titleOf(picture, this.#index, all.length);
    this.#soon(() => this.#show(picture, which, asked));
  }

  /** Something else is asked for: what was asked for before is dropped. */
  #ask(): number {
    this.#reading.abort();
    this.#reading = new AbortController();
    return ++this.#asked;
  }

  /** Does this when what is under way has ended, instead of what waited for that. */
  #soon(show: () => Promise<void>): void {
    this.#pending = show;
    this.#options.actionRunner.run("picture", () => this.#showPending());
  }

  async #showPending(): Promise<void> {
    for (let show = this.#pending; show; show = this.#pending) {
      this.#pending = undefined;
      try {
        await show();
      } catch (error) {
        if (this.#pending === undefined) throw error;
        this.#options.actionRunner.tell(error);
      }
    }
  }

  async #show(picture: SentPicture, title: string, asked: number): Promise<void> {
    const colours = await pixelsOf(picture);
    if (asked !== this.#asked) return;
    if (!colours) throw new UserError("not-a-file", "what the program sent is no picture");
    const { width, height } = picture;
    this.#shown = { width, height, colours, title: `${title} · ${width} x ${height}` };
    this.#cells = undefined;
    this.#options.screen.invalidate();
  }
}

function titleOf({ name }: SentPicture, index: number, count: number): string {
  const which = count > 1 ? ` (${index + 1} of ${count})` : "";
  return (name === "" ? "plt.show()" : `saved as ${name}`) + which;
}
