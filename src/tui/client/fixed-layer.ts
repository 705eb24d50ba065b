/**
 * The fixed layers of the screen. Each pane is a layer, so that a keystroke draws one pane and not the whole screen.
 */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import { area } from "../views/area.ts";

/** The names of the fixed layers. */
export type FixedLayerName =
  | "header"
  | "tabs"
  | "editor"
  | "find"
  | "console"
  | "variables"
  | "tree"
  | "status"
  | "hints"
  | "too-small";

/** What a fixed layer shows, and where its events go. */
export interface FixedLayerOptions {
  /** The layer's region on a screen of `size`; undefined while it is hidden. */
  readonly region: (size: TerminalSize) => Region | undefined;
  readonly draw: (surface: Surface) => void;
  /** Draws only what is new; see `Layer`. By default everything is drawn. */
  readonly drawChanges?: (surface: Surface) => void;
  readonly mouse?: (event: MouseEvent) => void;
  /** Takes keys, text and pastes: the same for every layer, because the client's focus decides where they go. */
  readonly input: (event: InputEvent) => void;
}

/** A layer that stays on the screen as long as the client. */
export class FixedLayer implements Layer {
  readonly #options: FixedLayerOptions;
  readonly drawChanges: ((surface: Surface) => void) | undefined;

  constructor(options: FixedLayerOptions) {
    this.#options = options;
    const { drawChanges } = options;
    this.drawChanges = drawChanges && ((surface) => isSomething(surface) && drawChanges(surface));
  }

  region(size: TerminalSize): Region {
    return this.#options.region(size) ?? nowhere;
  }

  draw(surface: Surface): void {
    if (isSomething(surface)) this.#options.draw(surface);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "mouse") this.#options.mouse?.(event);
    else this.#options.input(event);
    return true;
  }
}

const nowhere = area(0, 0, 0, 0);

function isSomething({ width, height }: Surface): boolean {
  return width > 0 && height > 0;
}
