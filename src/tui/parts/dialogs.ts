/** Questions as promises. A dialog lies over everything until it is answered; leaving the IDE answers it with "cancel". */
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

export class Dialogs implements Disposable {
  readonly #screen: Canvas;
  readonly #changed: () => void;
  readonly #refused: () => boolean;
  readonly #open = new Set<() => void>();
  #closed = false;

  /** `changed` is called when a dialog opens or closes. While `refused` says so none opens: each is answered with "cancel". */
  constructor(screen: Canvas, changed: () => void, refused: () => boolean = () => false) {
    this.#screen = screen;
    this.#changed = changed;
    this.#refused = refused;
  }

  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** `settled` closes the dialog with its `cancel`: the question has become pointless. */
  confirm<T>(options: Without<ConfirmOptions<T>> & { readonly withdrawn?: AbortSignal }): Promise<T> {
    return this.show(options.cancel, (onClose) => {
      options.withdrawn?.addEventListener("abort", () => onClose(options.cancel), { once: true });
      return new ConfirmDialog({ ...options, onClose });
    });
  }

  prompt(options: Without<PromptOptions>): Promise<string | undefined> {
    return this.show<string | undefined>(undefined, (onClose) => new PromptDialog({ ...options, onClose }));
  }

  /** `started` gets the palette, for items that are found later, and the function that draws it again. */
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

  /** Shows any dialog and resolves with what it was closed with; with `cancel` when the client ends first. */
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
      // A palette that grows needs its region computed again, which only a full draw does.
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

  /** Answers all that are open with "cancel". */
  giveUp(): void {
    for (const giveUp of this.#open) giveUp();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.giveUp();
  }
}

/** Draws its dialog again after everything the dialog took. */
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
      // Nobody answers what they can't see; leaving is the one thing that the screen offers now.
      if (event.kind === "key" && leaveKeys.commandFor(event.name) === "leave") this.#giveUp();
      return true;
    }
    const taken = this.#dialog.handle(event);
    if (taken) this.#screen.invalidate(this);
    return taken;
  }
}
