/**
 * Questions as promises. A dialog lies over everything until it is answered; leaving the screen answers it with its
 * `cancel`.
 */
import { leaveKeys } from "../../commands/keys/screen-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { area } from "../views/area.ts";
import { ConfirmDialog, type ConfirmOptions } from "../views/confirm-dialog.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import { Palette, type PaletteItem, type PaletteOptions } from "../views/palette.ts";
import { PromptDialog, type PromptOptions } from "../views/prompt-dialog.ts";
import { drawTooSmall } from "../views/too-small.ts";

type Without<T> = Omit<T, "onClose">;

/** The dialogs of one screen. Disposing answers the open ones with their `cancel`. */
export class Dialogs implements Disposable {
  readonly #screen: Canvas;
  readonly #changed: () => void;
  readonly #refused: () => boolean;
  readonly #open = new Set<() => void>();
  #closed = false;

  /**
   * `changed` is called when a dialog opens or closes. While `refused` returns true none opens: each is answered with
   * its `cancel`.
   */
  constructor(screen: Canvas, changed: () => void, refused: () => boolean = () => false) {
    this.#screen = screen;
    this.#changed = changed;
    this.#refused = refused;
  }

  /** Whether a dialog is open. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /**
   * Asks a question with a few answers. Aborting `withdrawn` answers it with its `cancel`, when the question has become
   * pointless.
   */
  confirm<T>(options: Without<ConfirmOptions<T>> & { readonly withdrawn?: AbortSignal }): Promise<T> {
    return this.show(options.cancel, (onClose) => {
      options.withdrawn?.addEventListener("abort", () => onClose(options.cancel), { once: true });
      return new ConfirmDialog({ ...options, onClose });
    });
  }

  /** Asks for one line of text, or several; undefined when the person cancels. */
  prompt(options: Without<PromptOptions>): Promise<string | undefined> {
    return this.show<string | undefined>(undefined, (onClose) => new PromptDialog({ ...options, onClose }));
  }

  /**
   * Shows a list to choose from; undefined when the person cancels. `started` gets the palette, for items that are
   * found later, and the function that draws it again.
   */
  pick(
    options: Without<PaletteOptions>,
    started?: (palette: Palette, redraw: () => void) => void,
  ): Promise<PaletteItem | undefined> {
    return this.show<PaletteItem | undefined>(undefined, (onClose, redraw) => {
      const palette = new Palette({ ...options, onClose });
      started?.(palette, redraw);
      return palette;
    });
  }

  /**
   * Shows a dialog of any kind, and resolves with the value it was closed with; with `cancel` when the screen is left
   * first.
   */
  show<T>(cancel: T, create: (close: (value: T) => void, redraw: () => void) => Layer): Promise<T> {
    if (this.#closed || this.#refused()) return Promise.resolve(cancel);
    return new Promise((resolve) => {
      const release = (value: T): void => {
        if (!this.#open.delete(giveUp)) return;
        pushed?.[Symbol.dispose]();
        resolve(value);
        this.#changed();
      };
      const giveUp = (): void => release(cancel);
      // A palette that grows needs a new region, which only a full draw computes.
      const layer = new DialogLayer(
        create(release, () => this.#screen.invalidate()),
        this.#screen,
        giveUp,
      );
      this.#open.add(giveUp);
      const pushed: Disposable | undefined = this.#screen.push(layer);
      this.#screen.focus(layer);
      this.#changed();
    });
  }

  /** Answers all open dialogs with their `cancel`. */
  giveUp(): void {
    for (const giveUp of this.#open) giveUp();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.giveUp();
  }
}

/** A dialog that is drawn again after every event it takes. */
class DialogLayer implements Layer {
  readonly modal = true;
  readonly #dialog: Layer;
  readonly #screen: Canvas;
  readonly #giveUp: () => void;

  constructor(dialog: Layer, screen: Canvas, giveUp: () => void) {
    this.#dialog = dialog;
    this.#screen = screen;
    this.#giveUp = giveUp;
  }

  region(size: TerminalSize): Region {
    const whole = area(0, 0, size.columns, size.rows);
    return isTooSmallForIde(size) ? whole : (this.#dialog.region?.(size) ?? whole);
  }

  draw(surface: Surface): void {
    if (isTooSmallForIde(this.#screen.size)) drawTooSmall(surface);
    else this.#dialog.draw(surface);
  }

  handle(event: InputEvent): boolean {
    if (isTooSmallForIde(this.#screen.size)) {
      // A dialog that does not fit on the screen can't be answered; the only thing offered is to leave.
      if (event.kind === "key" && leaveKeys.commandFor(event.name) === "leave") this.#giveUp();
      return true;
    }
    const taken = this.#dialog.handle(event);
    if (taken) this.#screen.invalidate(this);
    return taken;
  }
}
