import type { TerminalSize } from "../base/terminal.ts";
import type { Region, Surface } from "./draw/surface.ts";
import type { InputEvent } from "./input/event.ts";

/**
 * One sheet of the screen. The compositor draws layers back to front, each on its own region, and offers events front
 * to back until one consumes them.
 */
export interface Layer {
  /** Where it lies on a screen of this size; without this it takes the whole screen. */
  region?(size: TerminalSize): Region;
  /** A modal layer (a dialog) keeps events, and the cursors of the layers below it, from coming through. */
  readonly modal?: boolean;
  /** Paints its whole region; the region is blank when this is called. */
  draw(surface: Surface): void;
  /**
   * Instead of `draw`, when this layer was drawn before, still lies where it lay and nothing below it has changed: its region
   * still shows what it drew last, and it paints only what is new. The cursor has to be put again.
   */
  drawChanges?(surface: Surface): void;
  /**
   * Returns true when the event is consumed; the layer is then drawn again (others are when invalidated). Mouse rows and
   * columns count from the layer's own top left (they can be negative or beyond while dragging); a mouse event is
   * offered to layers under the pointer, to modal ones always.
   */
  handle(event: InputEvent): boolean;
}
