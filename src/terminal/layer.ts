import type { TerminalSize } from "../base/terminal.ts";
import type { Region, Surface } from "./draw/surface.ts";
import type { InputEvent } from "./input/event.ts";

/**
 * What a screen is drawn from. The compositor draws layers back to front, each in its own region, and offers events
 * front to back until one consumes them.
 */
export interface Layer {
  /** The layer's region on a screen of this size; without this it takes the whole screen. Asked for each frame: the same object again means that nothing changed. */
  region?(size: TerminalSize): Region;
  /**
   * Whether the layer keeps events from the layers below it and hides their cursors, as a dialog does; false by
   * default.
   */
  readonly modal?: boolean;
  /** Draws the whole region, which is blank when this is called. */
  draw(surface: Surface): void;
  /**
   * Called instead of `draw` when this layer was drawn before, has not moved, and nothing below it has changed: the
   * region still shows what was drawn last, and only what is new needs drawing. The cursor has to be set again.
   */
  drawChanges?(surface: Surface): void;
  /**
   * Returns true when the event is consumed; the layer is then drawn again (others are drawn when invalidated). Rows
   * and columns of the mouse count from the layer's own top left, and can be negative or beyond its edges during a
   * drag. A mouse event is offered to the layers under the pointer, and always to modal ones.
   */
  handle(event: InputEvent): boolean;
}
