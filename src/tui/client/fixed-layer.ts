/** The fixed layers of the screen: each pane is one, so that a keystroke draws one pane and not the whole screen. */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import { area } from "../views/area.ts";

export type FixedLayerName =
  | "header"
  | "tabs"
  | "editor"
  | "find"
  | "console"
  | "tree"
  | "status"
  | "hints"
  | "too-small";

export interface FixedLayerOptions {
  /** Undefined while it is not on the screen. */
  readonly region: (size: TerminalSize) => Region | undefined;
  readonly draw: (surface: Surface) => void;
  /** See Layer; without it everything is drawn. */
  readonly drawChanges?: (surface: Surface) => void;
  readonly mouse?: (event: MouseEvent) => void;
  /** Keys, text and pastes: the same for every sheet, the client's focus decides where they go. */
  readonly input: (event: InputEvent) => void;
}

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
