import type { Surface } from "../../src/terminal/draw/surface.ts";
import type { InputEvent } from "../../src/terminal/input/event.ts";
import type { Layer } from "../../src/terminal/layer.ts";

/** A layer that shows what was typed and remembers all events. */
export class Typewriter implements Layer {
  text: string;
  accent = false;
  footer = false;
  /** Whether it takes events; otherwise it only remembers them. */
  consumes = true;
  readonly events: InputEvent[] = [];
  #waiting: (() => void) | undefined;

  constructor(text = "") {
    this.text = text;
  }

  draw(surface: Surface): void {
    const column = surface.put(0, 0, this.text, this.accent ? { foreground: "accent" } : undefined);
    surface.cursor(0, column);
    if (this.footer) {
      const footer = `end of ${surface.width}x${surface.height}`;
      surface.put(surface.height - 1, surface.width - footer.length, footer);
    }
  }

  handle(event: InputEvent): boolean {
    this.events.push(event);
    if (event.kind === "text") this.text += event.text;
    this.#waiting?.();
    return this.consumes;
  }

  /** Resolves when an event has made the condition true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting = look;
      look();
    });
  }
}
