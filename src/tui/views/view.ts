import type { InputEvent } from "../input/event.ts";
import type { Surface } from "../draw/surface.ts";

/** Something on the screen that draws itself and may take what the person does. */
export interface View {
  draw(surface: Surface): void;
  /** True when the event was for this view; then nothing behind it gets to see it. */
  handle(event: InputEvent): boolean;
}
