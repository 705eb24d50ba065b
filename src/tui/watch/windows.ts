/** The screens on which people have their own sessions open: what a watcher sees is the one that was used last. */
import { Emitter } from "../../base/events.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { Screen } from "../../terminal/screen.ts";

/** One screen of a session's own person; disposing takes it away. */
export interface OpenWindow extends Disposable {
  readonly screen: Screen;
  /** The person typed here. */
  touch(): void;
}

export class Windows {
  /** Of each session, the one that was used last at the end. A session's entry goes with its last window. */
  readonly #open = new Map<Workbench, OpenWindow[]>();
  readonly #changed = new Emitter<Workbench>();

  /** Another window of this session is the last one now, or there is none. */
  get onChange() {
    return this.#changed.on;
  }

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

  /** The window that the person used last; undefined while the person is away. */
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
