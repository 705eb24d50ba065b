/** The screens on which people have their own sessions open. Watchers see the one that was used last. */
import { Emitter } from "../../base/events.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { Screen } from "../../terminal/screen.ts";

/** One screen of a session's owner. Disposing removes it. */
export interface OpenWindow extends Disposable {
  readonly screen: Screen;
  /** Marks the window as the one used last, because the owner typed in it. */
  touch(): void;
}

/** The windows of all sessions in this process. */
export class Windows {
  /** The windows of each session, the one used last at the end. The entry disappears with the last window. */
  readonly #open = new Map<Workbench, OpenWindow[]>();
  readonly #changed = new Emitter<Workbench>();

  /** Fires with a session when another of its windows is the one used last, or when the last one has closed. */
  get onChange() {
    return this.#changed.on;
  }

  /** Adds a window of a session, as the one used last. */
  open(workbench: Workbench, screen: Screen): OpenWindow {
    const window: OpenWindow = {
      screen,
      touch: () => this.#toEnd(workbench, window),
      [Symbol.dispose]: () => this.#close(workbench, window),
    };
    this.#open.set(workbench, [...(this.#open.get(workbench) ?? []), window]);
    this.#changed.emit(workbench);
    return window;
  }

  /** The window that the owner used last; undefined while the owner is away. */
  last(workbench: Workbench): OpenWindow | undefined {
    return this.#open.get(workbench)?.at(-1);
  }

  #toEnd(workbench: Workbench, window: OpenWindow): void {
    const windows = this.#open.get(workbench) ?? [];
    if (windows.at(-1) === window || !windows.includes(window)) return;
    this.#open.set(workbench, [...windows.filter((other) => other !== window), window]);
    this.#changed.emit(workbench);
  }

  #close(workbench: Workbench, window: OpenWindow): void {
    const rest = (this.#open.get(workbench) ?? []).filter((other) => other !== window);
    if (rest.length > 0) this.#open.set(workbench, rest);
    else this.#open.delete(workbench);
    this.#changed.emit(workbench);
  }
}
