/** A screen without its last row: what lies on it never covers the viewer's line. */
import type { TerminalSize } from "../../base/terminal.ts";
import { intersection } from "../../terminal/draw/grid-surface.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { area } from "../views/area.ts";

/** The size of a screen without the viewer's line. */
export function partOf({ columns, rows }: TerminalSize): TerminalSize {
  return { columns, rows: Math.max(1, rows - 1) };
}

/** A canvas on all rows of another one but the last. */
export class PartScreen implements Canvas {
  readonly #whole: Canvas;
  readonly #layers = new WeakMap<Layer, Layer>();

  constructor(whole: Canvas) {
    this.#whole = whole;
  }

  get size(): TerminalSize {
    return partOf(this.#whole.size);
  }

  push(layer: Layer): Disposable {
    const inset = new InsetLayer(layer);
    this.#layers.set(layer, inset);
    return this.#whole.push(inset);
  }

  focus(layer: Layer): void {
    this.#whole.focus(this.#layers.get(layer) ?? layer);
  }

  invalidate(layer?: Layer): void {
    this.#whole.invalidate(layer && this.#layers.get(layer));
  }

  setTitle(title: string): void {
    this.#whole.setTitle(title);
  }

  copy(text: string): boolean {
    return this.#whole.copy(text);
  }

  dispatch(event: InputEvent): void {
    this.#whole.dispatch(event);
  }
}

class InsetLayer implements Layer {
  readonly modal: boolean;
  readonly #layer: Layer;

  constructor(layer: Layer) {
    this.#layer = layer;
    this.modal = layer.modal ?? false;
  }

  region(size: TerminalSize): Region {
    const part = partOf(size);
    const whole = area(0, 0, part.columns, part.rows);
    return this.#layer.region ? intersection(this.#layer.region(part), whole) : whole;
  }

  draw(surface: Surface): void {
    this.#layer.draw(surface);
  }

  handle(event: InputEvent): boolean {
    return this.#layer.handle(event);
  }
}
